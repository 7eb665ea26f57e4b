// A file that does not keep what its dataset promises: refused, or told of.
import type { Dataset } from '../../dataset.ts';
import { Refused } from '../task/refusal.ts';
import { listNames } from './column-match.ts';

type Named = { readonly name: string };

export function brokenPromise(
  { name: dataset }: Pick<Dataset, 'name'>,
  { name: file }: Named,
  what: string,
): Refused {
  return new Refused({
    reason: 'input_unreadable',
    message: `The file "${file}" of dataset "${dataset}" does not keep the dataset's promise: ${what}`,
    hint: 'Put the right file there; or, if files are like this from now on, have the dataset look at its file again.',
    dataset,
    file,
  });
}

/** Columns that are gone, or have another name. */
export function missingColumns(
  dataset: Pick<Dataset, 'name'>,
  file: Named,
  { missing, found }: { readonly missing: readonly string[]; readonly found: readonly string[] },
): Refused {
  const is = missing.length === 1 ? 'column' : 'columns';
  const are = missing.length === 1 ? 'is' : 'are';
  const what = `the ${is} ${listNames(missing)} ${are} missing. It has ${found.length === 0 ? 'none' : listNames(found)}.`;
  return brokenPromise(dataset, file, what);
}

export function warnOfExtra(
  dataset: Pick<Dataset, 'name'>,
  { name }: Named,
  extra: readonly string[],
): string {
  const [is, are, them] = extra.length === 1 ? ['column', 'is', 'it'] : ['columns', 'are', 'them'];
  return `The file "${name}" of dataset "${dataset.name}" has the ${is} ${listNames(extra)}, which ${are} not promised and not read: have the dataset look at its file again to take ${them} in.`;
}
