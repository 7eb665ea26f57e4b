// A value that does not keep its column's promise, in words: its file, line, column, the value, and what was promised.
import { isSensitive, maskedValue, type Dataset } from '../../dataset.ts';
import type { Failure } from '../../failure.ts';
import type { Session } from '../task/session.ts';
import { locateMisfit, type Place } from './locate.ts';
import type { Misfit } from './part.ts';
import type { HeldDataset } from './held-dataset.ts';

export async function explainMisfit(
  session: Session,
  held: ReadonlyMap<number, HeldDataset>,
  misfit: Misfit,
): Promise<Failure> {
  const of = held.get(misfit.dataset);
  const column = of?.dataset.schema[misfit.column];
  if (of === undefined || column === undefined) return unknown;
  const place = await locateMisfit(session, of.dataset, of.parts, misfit.column).catch(() => null);
  return describeMisfit(of.dataset, column, place ?? nowhere(misfit));
}

/** Where it could not be found again. */
const nowhere = ({ value }: Misfit): Omit<Place, 'file'> & { readonly file: null } => ({
  file: null,
  line: null,
  row: 0,
  value,
});

const unknown: Failure = {
  reason: 'crashed',
  message: 'A value did not fit, and its column could not be found.',
  hint: 'Run it again; if it fails in the same way, tell an administrator.',
};

const maxShown = 200;
const cut = (value: string): string => (value.length > maxShown ? `${value.slice(0, maxShown)}…` : value);

function describeMisfit(
  of: Dataset,
  { name: column, type }: { readonly name: string; readonly type: string },
  { file, line, row, value }: Omit<Place, 'file'> & { readonly file: string | null },
): Failure {
  const { name: dataset } = of;
  const at = line === null ? (row > 0 ? `row ${row}` : 'a row') : `line ${line}`;
  const where = `${at}${file === null ? '' : ` of file "${file}"`} (dataset "${dataset}")`;
  const shown = value === null ? null : isSensitive(of, column) ? maskedValue : cut(value);
  return {
    reason: 'bad_value',
    message:
      shown === null
        ? `A value is missing in column "${column}", ${where}, where one is required.`
        : `The value "${shown}" in column "${column}", ${where}, is not of the promised type ${type} as it stands.`,
    hint:
      shown === null
        ? `Correct the file, or take "${column}" off the required columns in the dataset's options.`
        : `Correct the file, or set the type of "${column}" in the dataset's options: VARCHAR takes every value.`,
    bad: { dataset, file, line, column, value: shown, type },
  };
}
