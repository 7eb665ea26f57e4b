// Pure: how what stands in a place was written, and why parts of another form can't come beside it.
import type { PlannedFile } from '../job-plan.ts';
import type { WriteRule } from '../write-setting-rule.ts';
import type { WriteAction } from './place-rule.ts';

export interface PlaceForm {
  readonly action: WriteAction;
  readonly format: string;
  /** Of CSV alone: what its readers have to know. */
  readonly csv: { readonly header: boolean; readonly delim: string; readonly nullText: string } | null;
}

export function formOfRule({ action, format, header, delim, nullText }: WriteRule): PlaceForm {
  return { action, format, csv: format === 'csv' ? { header, delim, nullText } : null };
}

export function formOfFile({ action, plan }: PlannedFile): PlaceForm {
  const { format, header, delimiter: delim, nullText = '' } = plan;
  return { action, format, csv: format === 'csv' ? { header, delim, nullText } : null };
}

export const writeForm = (form: PlaceForm): string => JSON.stringify(form);
export const readForm = (text: string): PlaceForm => JSON.parse(text) as PlaceForm;

/** Why a part can't be appended to what stands there; null where it can, and for what takes the place of everything. */
export function findFormFault(standing: PlaceForm, wanted: PlaceForm): string | null {
  if (wanted.action !== 'append') return null;
  if (standing.action !== 'append') return 'the result of an output that overwrites stands there';
  if (standing.format !== wanted.format)
    return `its parts are ${standing.format}, and ${wanted.format} would come beside them`;
  const names = ['header', 'delim', 'nullText'] as const;
  const other = names.find((name) => standing.csv?.[name] !== wanted.csv?.[name]);
  if (other === undefined) return null;
  return `its parts were written with ${other} ${JSON.stringify(standing.csv?.[other])}, and ${JSON.stringify(wanted.csv?.[other])} would come beside them`;
}

export const formWayOut =
  'Choose another path, write as before, overwrite it, or have what stands there moved away first.';
