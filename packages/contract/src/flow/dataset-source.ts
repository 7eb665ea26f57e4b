// What a dataset can be: where its rows come from, and the formats and compressions of its files.

/** A waiting one came in a package without its file. */
export const datasetOrigins = ['upload', 'uri', 'waiting'] as const;
export const datasetFormats = ['csv', 'tsv', 'json', 'ndjson', 'parquet'] as const;
export const datasetCompressions = ['none', 'gzip', 'zstd'] as const;

export type DatasetOrigin = (typeof datasetOrigins)[number];
export type DatasetFormat = (typeof datasetFormats)[number];
export type DatasetCompression = (typeof datasetCompressions)[number];
