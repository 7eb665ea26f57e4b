// Pure: faults as the contract names them become errors as the form's fields are named.
import type { FieldFault } from '@flowhook/client/problem';

/** Fields of the contract that another input stands for, by its name: `{secretKey: 'secret'}`. */
export type FieldNames = Readonly<Record<string, string>>;

/** `writeSettings[0].path` is `writeSettings.0.path` in a form; what stands behind a renamed field stays. */
export function toFormPath(field: string, fieldOf: FieldNames = {}): string {
  const whole = Object.keys(fieldOf)
    .filter((each) => field === each || field.startsWith(`${each}[`) || field.startsWith(`${each}.`))
    .toSorted((a, b) => b.length - a.length)[0];
  const named = whole === undefined ? field : `${fieldOf[whole]}${field.slice(whole.length)}`;
  return named.replaceAll(/\[(\d+)\]/gu, '.$1');
}

/** The first fault of each field, as a sentence. */
export function toErrors(faults: readonly FieldFault[], fieldOf: FieldNames = {}): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { field, detail } of faults) errors[toFormPath(field, fieldOf)] ??= beginSentence(detail);
  return errors;
}

/** With a capital: what is said of a field begins without one. */
export function beginSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
