// Pure: how a file is read, as people compare it when two have changed that, and what of it a change sends.
import { pickChanged } from '../../../parts/form/changed-member.ts';
import type { FieldView } from '../../../parts/form/conflict.ts';
import { datasetOptionText as text } from '../../../text/dataset-option.ts';
import type { Options, OptionValues } from './dataset-option.ts';

const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  header: text.headers,
  onMismatch: text.onMismatchChoices,
  raggedRows: text.raggedRowsChoices,
};

export const optionView: FieldView<OptionValues> = {
  labels: {
    delimiter: text.delimiter,
    quote: text.quote,
    escape: text.escape,
    comment: text.comment,
    header: text.header,
    encoding: text.encoding,
    skipLines: text.skipLines,
    columnStarts: text.columnStarts,
    maxLineBytes: text.maxLineBytes,
    decimalSeparator: text.decimal,
    thousandsSeparator: text.thousands,
    dateFormat: text.dateFormat,
    timestampFormat: text.timestampFormat,
    nullValues: text.nullValues,
    nullText: text.nullText,
    fileColumns: text.fileColumns,
    onMismatch: text.onMismatch,
    raggedRows: text.raggedRows,
    maxRejectedRows: text.maxRejectedRows,
    maxRejectedPercent: text.maxRejectedPercent,
    required: text.required,
    sensitive: text.sensitive,
    allowEmpty: text.allowEmpty,
    columnTypes: text.columnTypes,
  },
  show(field, value) {
    if (Array.isArray(value)) return value.join('\n');
    if (typeof value === 'object' && value !== null)
      return Object.entries(value)
        .filter(([, type]) => type !== '')
        .map(([column, type]) => `${column}: ${type}`)
        .join('\n');
    const written = String(value);
    return choices[field]?.[written] ?? (written === '' ? text.foundAs(undefined) : written);
  },
};

interface Body {
  readonly options?: Options;
}

/** The options that were changed: the server keeps the others. */
export function pickOptions({ options: before = {} }: Body, { options: after = {} }: Body): Body {
  const options = pickChanged(before, after);
  return Object.keys(options).length === 0 ? {} : { options };
}
