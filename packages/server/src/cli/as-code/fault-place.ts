// Pure: where in the files stands what the server or a plan finds wrong.
import type { Problem } from '@flowhook/client/problem';
import { readPath, toFormPath } from './form-path.ts';
import type { CodeFlow } from './read-folder.ts';
import type { FieldPath, FileFault } from './yaml-text.ts';

/** `path` as the document has it; empty for the flow itself. */
export function placeFault(code: CodeFlow, path: FieldPath, detail: string): FileFault {
  return code.faultAt(path.length === 0 ? [] : toFormPath(code.form, path), detail);
}

/** Each field that the server names, SQL with its line and column in its own file. */
export function placeRefusal(
  code: CodeFlow,
  { code: word, message, document, faults }: Problem,
): FileFault[] {
  if (faults.length === 0) return [placeFault(code, [], message)];
  return faults.map(({ field, detail }) => {
    const path = readPath(field);
    const inFile = word === 'sql_invalid' ? placeInSql(code, path, document) : null;
    return inFile === null ? placeFault(code, path, detail) : { ...inFile, detail };
  });
}

function placeInSql(
  { folder, form }: CodeFlow,
  [list, index, field]: FieldPath,
  { line, column }: Readonly<Record<string, unknown>>,
): Omit<FileFault, 'detail'> | null {
  const file = list === 'recipes' && field === 'sql' ? form.recipes[Number(index)]?.sql : undefined;
  if (file === undefined || typeof line !== 'number') return null;
  return { file: `${folder}/${file}`, line, column: Number(column ?? 1), field: null };
}
