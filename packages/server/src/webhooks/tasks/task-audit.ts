// What the audit log tells of a webhook task: every field, of its secrets that there are some and which were given anew.
import { pickFields, taskFieldNames } from '@flowhook/contract/webhook/task-field';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import type { Tx } from '../../db/database.ts';
import { writeDifference, type AuditEntry } from '../../workspace/audit-log.ts';
import { maskedText } from '../messages/frozen-body.ts';
import { readSecrets } from './sealed-task.ts';
import { maskUrl } from './task-change.ts';
import type { TaskDefinition } from './task-rule.ts';

export const taskKind = 'webhook task';

interface Audited extends TaskDefinition {
  readonly disabledReason?: string | null;
}

/** A task without its secrets. */
export function toShown(task: Audited): Readonly<Record<string, unknown>> {
  const { recipeIds, runRecipeId = null, disabledReason = null } = task;
  const headers = Object.entries(task.headers).map(([name, value]) => [
    name,
    isSecretHeader(name, task.secretHeaders) ? maskedText : value,
  ]);
  return {
    ...pickFields(task, taskFieldNames),
    url: maskUrl(task),
    headers: Object.fromEntries(headers),
    secretKey: task.secretKey === null ? null : maskedText,
    secrets: Object.keys(task.secrets),
    recipeIds,
    runRecipeId,
    disabledReason,
  };
}

/** Writes what a change made different. */
export async function auditChange(
  tx: Tx,
  entry: Pick<AuditEntry, 'personId' | 'objectId'>,
  stored: Audited,
  task: Audited,
): Promise<void> {
  const given = listNewSecrets(stored, task);
  const after = { ...toShown(task), ...(given.length > 0 && { newSecrets: given }) };
  await writeDifference(tx, {
    ...entry,
    action: 'change',
    objectKind: taskKind,
    before: toShown(stored),
    after,
  });
}

/** The names of secrets that have another value now. */
function listNewSecrets(stored: Audited, task: Audited): string[] {
  const old = secretValues(stored);
  return Object.entries(secretValues(task)).flatMap(([name, value]) =>
    value === null || old[name] === value ? [] : [name],
  );
}

function secretValues(task: Audited): Readonly<Record<string, string | null>> {
  const { url, secretKey, headers, secrets } = readSecrets(task);
  const named = (of: string, values: Readonly<Record<string, string | null>>) =>
    Object.entries(values).map(([name, value]) => [`${of}.${name}`, value]);
  return {
    url,
    secretKey,
    ...Object.fromEntries([...named('headers', headers), ...named('secrets', secrets)]),
  };
}
