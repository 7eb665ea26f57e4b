// Files that keep the promise to their end: what has not changed since is read plainly.
import { ownColumns, type Dataset } from '../../dataset.ts';
import { settleOptions } from './csv-part.ts';
import { isClean } from './csv-scan.ts';
import type { InputState } from './part.ts';

/** Of all files: walking through more would make the look too long. */
const maxBytes = 4 * 2 ** 30;

/** The marks of those files in which all values are of their types as they stand. */
export async function listChecked(
  dataset: Omit<Dataset, 'files' | 'name'>,
  files: readonly InputState[],
): Promise<string[]> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (!isPlainCsv(dataset) || bytes > maxBytes) return [];
  const options = settleOptions(dataset);
  const types = ownColumns(dataset).map(({ type }) => type);
  const checked: string[] = [];
  for (const { path, mark } of files)
    if (await isClean({ path, compression: dataset.compression, options, types })) checked.push(mark);
  return checked;
}

/** Whether the engine reads the very bytes of the file. */
function isPlainCsv({ format, options }: Omit<Dataset, 'files' | 'name'>): boolean {
  const {
    comment = '',
    thousandsSeparator = '',
    columnStarts,
    rowNames,
    trailingDelimiter,
    lineEnds,
  } = options;
  const isWritten =
    comment === '' && thousandsSeparator === '' && rowNames !== true && trailingDelimiter !== true;
  return (
    (format === 'csv' || format === 'tsv') &&
    isWritten &&
    columnStarts === undefined &&
    lineEnds === undefined
  );
}
