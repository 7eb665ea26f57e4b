// Pure: the options of a dataset as a form has them, and back; what is empty is left to be found.
import type { z } from 'zod';
import type { datasetOptions } from '@flowhook/contract/flow/dataset-option';

export type Options = z.output<typeof datasetOptions>;

export interface OptionValues extends Record<string, unknown> {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly comment: string;
  /** `` as found, `true` or `false`. */
  readonly header: string;
  readonly encoding: string;
  readonly skipLines: number | string;
  /** Numbers with commas between them; empty where lines are no fixed columns. */
  readonly columnStarts: string;
  readonly maxLineBytes: number | string;
  readonly decimalSeparator: string;
  readonly thousandsSeparator: string;
  readonly dateFormat: string;
  readonly timestampFormat: string;
  readonly nullValues: readonly string[];
  readonly nullText: string;
  /** Each `column=what`. */
  readonly fileColumns: readonly string[];
  /** `` is as usual: the job fails. */
  readonly onMismatch: NonNullable<Options['onMismatch']> | '';
  readonly raggedRows: NonNullable<Options['raggedRows']> | '';
  readonly maxRejectedRows: number | string;
  readonly maxRejectedPercent: number | string;
  readonly required: readonly string[];
  readonly sensitive: readonly string[];
  readonly allowEmpty: boolean;
  /** By column, `*` for all; an empty one is as found. */
  readonly columnTypes: Readonly<Record<string, string>>;
}

const tab = String.raw`\t`;

export function readOptions(options: Options): OptionValues {
  return {
    delimiter: options.delimiter === '\t' ? tab : (options.delimiter ?? ''),
    quote: options.quote ?? '',
    escape: options.escape ?? '',
    comment: options.comment ?? '',
    header: options.header === undefined ? '' : String(options.header),
    encoding: options.encoding ?? '',
    skipLines: options.skipLines ?? '',
    columnStarts: (options.columnStarts ?? []).join(', '),
    maxLineBytes: options.maxLineBytes ?? '',
    decimalSeparator: options.decimalSeparator ?? '',
    thousandsSeparator: options.thousandsSeparator ?? '',
    dateFormat: options.dateFormat ?? '',
    timestampFormat: options.timestampFormat ?? '',
    nullValues: options.nullValues ?? [],
    nullText: options.nullText ?? '',
    fileColumns: Object.entries(options.fileColumns ?? {}).map(([name, what]) => `${name}=${what}`),
    onMismatch: options.onMismatch ?? '',
    raggedRows: options.raggedRows ?? '',
    maxRejectedRows: options.maxRejectedRows ?? '',
    maxRejectedPercent: options.maxRejectedPercent ?? '',
    required: options.required ?? [],
    sensitive: options.sensitive ?? [],
    allowEmpty: options.allowEmpty ?? false,
    columnTypes: options.columnTypes ?? {},
  };
}

export const noOptions = readOptions({});

/** Members whose field can't tell an empty text, which says "none", from nothing said: where it was said it stays. */
const charactersOrNone = ['quote', 'escape', 'comment'] as const;
const numbers = ['skipLines', 'maxLineBytes', 'maxRejectedRows', 'maxRejectedPercent'] as const;
const words = [
  'encoding',
  'decimalSeparator',
  'thousandsSeparator',
  'dateFormat',
  'timestampFormat',
  'nullText',
  'onMismatch',
  'raggedRows',
] as const;
const lists = ['nullValues', 'required', 'sensitive'] as const;

/** `before` are those that were given: what the form has no field for stays. */
export function writeOptions(values: OptionValues, before: Options): Options {
  const { delimiter, header, columnStarts, allowEmpty, fileColumns } = values;
  const types = Object.entries(values.columnTypes).filter(([, type]) => type.trim() !== '');
  const said = (names: readonly (keyof OptionValues)[], isSaid: (value: unknown) => boolean) =>
    names.filter((name) => isSaid(values[name])).map((name) => [name, values[name]]);
  return {
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !Object.hasOwn(noOptions, name))),
    ...(delimiter !== '' && { delimiter: delimiter === tab ? '\t' : delimiter }),
    ...Object.fromEntries(charactersOrNone.flatMap((name) => (before[name] === '' ? [[name, '']] : []))),
    ...Object.fromEntries(said(charactersOrNone, (value) => value !== '')),
    ...(header !== '' && { header: header === 'true' }),
    ...Object.fromEntries(said(words, (value) => String(value).trim() !== '' || value === ' ')),
    ...Object.fromEntries(
      said(numbers, (value) => value !== '').map(([name, value]) => [name, Number(value)]),
    ),
    ...(columnStarts.trim() !== '' && { columnStarts: columnStarts.split(/[\s,;]+/u).map(Number) }),
    ...Object.fromEntries(said(lists, (value) => (value as readonly string[]).length > 0)),
    ...(fileColumns.length > 0 && { fileColumns: Object.fromEntries(fileColumns.map(splitFileColumn)) }),
    ...((allowEmpty || before.allowEmpty === false) && { allowEmpty }),
    ...(types.length > 0 && { columnTypes: Object.fromEntries(types) }),
  };
}

/** A column's name may have the sign in it, too; what is wrong is told by the schema. */
function splitFileColumn(text: string): [string, string] {
  const [, name = text, what = ''] = /^(.*?)=((?:name|time|part:\d+|folder:.+)?)$/u.exec(text) ?? [];
  return [name.trim(), what];
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

/** What stands in a field against what is said: the faults of `options` belong to these. */
export const optionFields = Object.fromEntries(
  Object.keys(noOptions).map((field) => [`options.${field}`, field]),
);
