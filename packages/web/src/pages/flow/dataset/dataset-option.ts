// Pure: the options of a dataset as a form has them, and back; what is empty is left to be found.
import type { z } from 'zod';
import type { datasetOptions } from '@flowhook/contract/flow/dataset-option';

export type Options = z.output<typeof datasetOptions>;

export interface OptionValues extends Record<string, unknown> {
  readonly delimiter: string;
  readonly quote: string;
  /** `` as found, `true` or `false`. */
  readonly header: string;
  readonly encoding: string;
  readonly skipLines: number | string;
  readonly decimalSeparator: string;
  readonly dateFormat: string;
  readonly nullValues: readonly string[];
  /** `` is as usual: the job fails. */
  readonly onMismatch: NonNullable<Options['onMismatch']> | '';
  readonly raggedRows: NonNullable<Options['raggedRows']> | '';
  /** By column; an empty one is as found. */
  readonly columnTypes: Readonly<Record<string, string>>;
}

export function readOptions(options: Options): OptionValues {
  return {
    delimiter: options.delimiter === '\t' ? String.raw`\t` : (options.delimiter ?? ''),
    quote: options.quote ?? '',
    header: options.header === undefined ? '' : String(options.header),
    encoding: options.encoding ?? '',
    skipLines: options.skipLines ?? '',
    decimalSeparator: options.decimalSeparator ?? '',
    dateFormat: options.dateFormat ?? '',
    nullValues: options.nullValues ?? [],
    onMismatch: options.onMismatch ?? '',
    raggedRows: options.raggedRows ?? '',
    columnTypes: options.columnTypes ?? {},
  };
}

const noOptions = readOptions({});

export function writeOptions(values: OptionValues, before: Options): Options {
  const { delimiter, quote, header, encoding, skipLines, decimalSeparator, dateFormat, nullValues } = values;
  const { onMismatch, raggedRows } = values;
  const types = Object.entries(values.columnTypes).filter(([, type]) => type.trim() !== '');
  return {
    // What this form has no field for stays.
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !Object.hasOwn(noOptions, name))),
    ...(delimiter !== '' && { delimiter: delimiter === String.raw`\t` ? '\t' : delimiter }),
    // Without quotes is said by an empty text, which the field can't tell from none given: it stays.
    ...((quote !== '' || before.quote === '') && { quote }),
    ...(header !== '' && { header: header === 'true' }),
    ...(encoding !== '' && { encoding }),
    ...(skipLines !== '' && { skipLines: Number(skipLines) }),
    ...(decimalSeparator !== '' && { decimalSeparator: decimalSeparator as '.' | ',' }),
    ...(dateFormat.trim() !== '' && { dateFormat }),
    ...(nullValues.length > 0 && { nullValues: [...nullValues] }),
    ...(onMismatch !== '' && { onMismatch }),
    ...(raggedRows !== '' && { raggedRows }),
    ...(types.length > 0 && { columnTypes: Object.fromEntries(types) }),
  };
}

/** What was found in the file, as the form has it; empty where it was given, or nothing was found. */
export function readFound({
  options,
  given,
}: {
  readonly options: Options;
  readonly given: { options: Options };
}) {
  const found = Object.entries(options).filter(([name]) => !Object.hasOwn(given.options, name));
  return readOptions(Object.fromEntries(found));
}
