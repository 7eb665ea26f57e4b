// What works but looks wrong in a webhook task: told at save, test and preview.
import { findHeader } from '../messages/header.ts';
import { suggestReference } from '../messages/reference-suggestion.ts';
import { shortestMasked } from '../messages/secret-mask.ts';
import type { TaskDefinition } from './task-rule.ts';
import { parseTemplate, type Template } from '../messages/template.ts';

export const warningCodes = [
  'unknown_reference',
  'unknown_secret',
  'unused_secret',
  'short_secret',
  'body_not_json',
  'form_body',
  'fragment',
] as const;
export type WarningCode = (typeof warningCodes)[number];

export interface TaskWarning {
  readonly field: string;
  readonly code: WarningCode;
  /** A sentence that names the field and the way out. */
  readonly detail: string;
}

type Warned = Pick<TaskDefinition, 'url' | 'headers' | 'body' | 'secrets'>;

/** Every warning about a task, in the order of its fields. */
export function warnTask(task: Warned): TaskWarning[] {
  const templates = listTemplates(task);
  const names = Object.keys(task.secrets);
  return [
    ...templates.flatMap(([field, template]) => [
      ...template.unknownNames.map((name) => warnUnknown(field, name)),
      ...template.secretNames.filter((name) => !names.includes(name)).map((name) => warnSecret(field, name)),
    ]),
    ...warnBody(task),
    ...warnFragment(task.url),
    ...warnSecrets(task.secrets, new Set(templates.flatMap(([, template]) => template.secretNames))),
  ];
}

function listTemplates({ url, headers, body }: Warned): (readonly [string, Template])[] {
  const texts = [['url', url.split('#')[0] ?? ''] as const, ...Object.entries(headers).map(nameHeader)];
  if (body !== null) texts.push(['body', body]);
  return texts.map(([field, text]) => [field, parseTemplate(text)] as const);
}

function nameHeader([name, value]: readonly [string, string | null]): readonly [string, string] {
  return [`headers.${name}`, value ?? ''];
}

function warnUnknown(field: string, name: string): TaskWarning {
  const near = suggestReference(name);
  const advice = near === null ? 'Write $$ for a dollar sign.' : `Did you mean $${near}?`;
  return {
    field,
    code: 'unknown_reference',
    detail: `In ${field}, $${name} is no reference and is sent as it stands. ${advice}`,
  };
}

function warnSecret(field: string, name: string): TaskWarning {
  return {
    field,
    code: 'unknown_secret',
    detail: `In ${field}, $secret.${name} has no value and is sent as it stands. Give it in secrets.`,
  };
}

function warnSecrets(secrets: Warned['secrets'], used: ReadonlySet<string>): TaskWarning[] {
  return Object.entries(secrets).flatMap(([name, value]) => {
    const field = `secrets.${name}`;
    const unused = `The secret ${name} is used nowhere. Write $secret.${name} where it belongs, or remove it.`;
    const short = `The secret ${name} is too short to be found and masked in answers. Use a longer one.`;
    return [
      ...(used.has(name) ? [] : [{ field, code: 'unused_secret' as const, detail: unused }]),
      ...(value.length < shortestMasked ? [{ field, code: 'short_secret' as const, detail: short }] : []),
    ];
  });
}

function warnBody({ headers, body }: Warned): TaskWarning[] {
  if (body === null || body === '') return [];
  const template = parseTemplate(body);
  const contentType = findHeader(headers, 'content-type')?.toLowerCase() ?? '';
  if (!template.isJson && meansJson(contentType, body)) {
    const detail =
      'The body looks as if it were to be JSON and is not: values go into it without escapes. Check quotes, commas and unknown references.';
    return [{ field: 'body', code: 'body_not_json', detail }];
  }
  if (contentType.startsWith('application/x-www-form-urlencoded') && template.needsFacts) {
    const detail =
      'Values go into a form body as they are: an & or a space in one breaks the form. Send JSON where you can.';
    return [{ field: 'body', code: 'form_body', detail }];
  }
  return [];
}

function meansJson(contentType: string, body: string): boolean {
  return contentType === '' ? /^\s*[{[]/u.test(body) : /[/+]json\b/u.test(contentType) && !isScalar(body);
}

// Numbers, true, false and null are JSON too, only no body that references could break.
function isScalar(body: string): boolean {
  return /^\s*(?:-?\d+(?:\.\d+)?|true|false|null)\s*$/u.test(body);
}

function warnFragment(url: string): TaskWarning[] {
  if (!url.includes('#')) return [];
  return [{ field: 'url', code: 'fragment', detail: 'What follows the # in the URL is never sent.' }];
}
