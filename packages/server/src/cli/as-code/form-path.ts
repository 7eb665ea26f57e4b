// Pure: where in a flow.yaml stands what a document has at a path.
import type { FlowForm } from './flow-form.ts';
import type { FieldPath } from './yaml-text.ts';

type Task = FlowForm['webhookTasks'][number];

const lists = ['parameters', 'datasets', 'recipes', 'webhookTasks'] as const;

/** The nearest that the file has: what is not in it stands at its list. */
export function toFormPath(form: FlowForm, [first = '', index, ...rest]: FieldPath): FieldPath {
  const list = lists.find((each) => each === first);
  if (list === undefined)
    return [first === 'name' ? 'flow' : first, ...(index === undefined ? [] : [index]), ...rest];
  const part = typeof index === 'number' ? form[list][index] : undefined;
  if (part === undefined) return [list];
  if (list === 'parameters' && rest[0] === 'defaultValue') return [list, index!, 'default'];
  return [list, index!, ...(list === 'webhookTasks' ? toTaskPath(part as Task, rest) : rest)];
}

function toTaskPath({ urlFrom, headers }: Task, [field, name, ...rest]: FieldPath): FieldPath {
  const below = name === undefined ? [] : [name, ...rest];
  if (field === 'url') return [urlFrom === undefined ? 'url' : 'urlFrom'];
  if (field === 'secretKey') return ['secretKeyFrom'];
  if (field === 'secrets') return ['secretsFrom', ...below];
  if (field === 'headers' && name !== undefined && !Object.hasOwn(headers, String(name)))
    return ['headersFrom', ...below];
  return field === undefined ? [] : [field, ...below];
}

/** `recipes[2].sql` as a path; names of headers and secrets may hold dots. */
export function readPath(field: string): FieldPath {
  const named = /^(webhookTasks)\[(\d+)\]\.(headers|secrets)\.(.+)$/u.exec(field);
  if (named !== null) return [named[1]!, Number(named[2]), named[3]!, named[4]!];
  const parts = field.split(/[.[\]]+/u).filter((part) => part !== '');
  return parts.map((part) => (/^\d+$/u.test(part) ? Number(part) : part));
}
