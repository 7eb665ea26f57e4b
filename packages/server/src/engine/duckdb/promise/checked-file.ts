// Files that keep the promise to their end: what has not changed since is read plainly.
import { ownColumns, type Dataset } from '../../dataset.ts';
import type { Session } from '../task/session.ts';
import { hasPromisedHeader, settleOptions } from './csv-part.ts';
import { isClean } from './csv-scan.ts';
import type { InputState } from './part.ts';

/** Of all files: walking through more would make the look too long. */
const maxBytes = 4 * 2 ** 30;

/**
 * The marks of those files in which all values are of their types as they stand, and the names of the header are the
 * promised ones. The look took the names from the first file, and may know some that its header lacks.
 */
export async function listChecked(
  session: Session,
  dataset: Dataset,
  files: readonly InputState[],
): Promise<string[]> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (!isPlainCsv(dataset) || bytes > maxBytes) return [];
  const options = settleOptions(dataset);
  const types = ownColumns(dataset).map(({ type }) => type);
  const checked: string[] = [];
  for (const [at, file] of files.entries()) {
    const { path, mark } = file;
    if (at > 0 && !(await hasPromisedHeader(session, dataset, file))) continue;
    if (await isClean({ path, compression: dataset.compression, options, types })) checked.push(mark);
  }
  return checked;
}

/** Whether the engine reads the very bytes of the file. */
function isPlainCsv({ format, options }: Dataset): boolean {
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
