// Pure: where in the files stands what the server or a plan finds wrong.
import { foldName } from '@flowhook/contract/flow/name';
import { fieldWords } from '@flowhook/client/as-code/field-word';
import { outputKey, outputKinds } from '@flowhook/client/as-code/flow-item';
import type { Change } from '@flowhook/client/as-code/flow-plan';
import type { Problem } from '@flowhook/client/problem';
import type { CodeFlow } from './read-folder.ts';
import type { FieldPath, FileFault } from './yaml-text.ts';

type Part = Pick<Change, 'kind' | 'key'>;

/** `field` as the API or a plan names it. */
export function placeFault(code: CodeFlow, part: Part, field: string | null, detail: string): FileFault {
  const path = findPath(code, part);
  return code.faultAt(field === null ? path : [...path, ...toFormPath(code.form, part, field)], detail);
}

/** Each field that the server names, SQL with its line and column in its own file. */
export function placeRefusal(
  code: CodeFlow,
  part: Part,
  { message, document, faults }: Problem,
): FileFault[] {
  const { code: word, line, column, recipe } = document;
  if (part.kind === 'recipe' && word === 'sql_invalid') {
    const form = code.form.recipes.find(({ name }) => foldName(name) === part.key);
    const own = typeof recipe !== 'string' || foldName(recipe) === part.key;
    if (form?.sql !== undefined && own && typeof line === 'number')
      return [
        {
          file: `${code.folder}/${form.sql}`,
          line,
          column: Number(column ?? 1),
          field: null,
          detail: message,
        },
      ];
  }
  if (faults.length === 0) return [placeFault(code, part, null, message)];
  return faults.map(({ field, detail }) => placeFault(code, part, field, detail));
}

function findPath({ form }: CodeFlow, { kind, key }: Part): FieldPath {
  const within = (list: 'parameters' | 'datasets' | 'recipes') => {
    const index = form[list].findIndex(({ name }) => foldName(name) === key);
    return index === -1 ? [list] : [list, index];
  };
  switch (kind) {
    case 'flow':
      return [];
    case 'parameter':
      return within('parameters');
    case 'dataset':
      return within('datasets');
    case 'recipe':
      return within('recipes');
    case 'output':
      return findOutput(form, key);
    case 'task': {
      const index = form.webhookTasks.findIndex(({ name }) => name === key);
      return index === -1 ? ['webhookTasks'] : ['webhookTasks', index];
    }
    case 'schedule':
      return ['schedule'];
  }
}

function findOutput(form: CodeFlow['form'], key: string): FieldPath {
  for (const [index, { name }] of form.recipes.entries())
    for (const kind of outputKinds)
      if (outputKey(name, kind) === key) return ['recipes', index, 'outputs', kind];
  return ['recipes'];
}

function toFormPath(form: CodeFlow['form'], { kind, key }: Part, field: string): FieldPath {
  const parts = field.split(/[.[\]]+/u).filter((part) => part !== '');
  const path = parts.map((part) => (/^\d+$/u.test(part) ? Number(part) : part));
  const [first = '', ...rest] = path;
  const word = fieldWords[String(first)] ?? first;
  if (kind === 'task' && first === 'headers') {
    const task = form.webhookTasks.find(({ name }) => name === key);
    return [Object.hasOwn(task?.headers ?? {}, String(rest[0])) ? 'headers' : 'headersFrom', ...rest];
  }
  return [word, ...rest];
}
