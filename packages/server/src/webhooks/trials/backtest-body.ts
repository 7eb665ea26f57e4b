// Pure: whether the body that a task would have sent would have been valid JSON, where it is meant to be.
import type { Facts } from '../messages/fact.ts';
import { freezeBody, fillSecrets } from '../messages/frozen-body.ts';
import { findHeader } from '../messages/header.ts';
import type { TaskDefinition } from '../tasks/task-rule.ts';
import { parseTemplate } from '../messages/template.ts';
import { Oversize } from '../messages/oversize.ts';

type WithBody = Pick<TaskDefinition, 'headers' | 'body' | 'secrets'>;

/** A sentence; null where it would have been, or need not be JSON. */
export function judgeBody(task: WithBody, facts: Facts): string | null {
  if (task.body === null || task.body === '' || !isMeantAsJson(task)) return null;
  const frozen = freezeBody(parseTemplate(task.body), facts);
  if (!frozen.ok) return frozen.detail;
  try {
    JSON.parse(fillSecrets(frozen.body, new Map(Object.entries(task.secrets))));
    return null;
  } catch (error) {
    if (error instanceof Oversize) return error.message;
    return `The body would not have been valid JSON: ${(error as Error).message.split(', "')[0]}.`;
  }
}

function isMeantAsJson({ headers, body }: WithBody): boolean {
  const type = findHeader(headers, 'content-type')?.toLowerCase() ?? '';
  return type === '' ? /^\s*[{[]/u.test(body ?? '') : /[/+]json\b/u.test(type);
}
