// Pure: faults as the contract names them become errors as the form's fields are named.
import type { FieldFault } from '../api/api-problem.ts';

/** `writeSettings[0].path` is `writeSettings.0.path` in a form. */
export function toFormPath(field: string): string {
  return field.replaceAll(/\[(\d+)\]/gu, '.$1');
}

/** The first fault of each field, as a sentence. `fieldOf` renames fields that another input stands for. */
export function toErrors(
  faults: readonly FieldFault[],
  fieldOf: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { field, detail } of faults) {
    const path = toFormPath(fieldOf[field] ?? field);
    errors[path] ??= beginSentence(detail);
  }
  return errors;
}

function beginSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
