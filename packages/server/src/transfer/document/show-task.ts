// Pure: a stored webhook task as a document has it: names for ids, places for secrets.
import type { DocumentTask, FlowDocument } from '@flowhook/contract/flow/flow-document';
import { documentFields, pickFields } from '@flowhook/contract/webhook/task-field';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import type { Task } from '../../webhooks/tasks/stored-task.ts';
import { listWithheld } from '../../webhooks/tasks/missing-secret.ts';

type ShownTask = FlowDocument['webhookTasks'][number];

export function showTask(
  task: Task,
  nameOf: (recipeId: number) => string | undefined,
  runs: DocumentTask['runs'],
): ShownTask {
  const missing = new Set(listWithheld(task));
  const place = (field: string) => ({
    state: missing.has(field) ? ('missing' as const) : ('stored' as const),
  });
  const isHidden = (name: string) =>
    isSecretHeader(name, task.secretHeaders) || missing.has(`headers.${name}`);
  return {
    ...pickFields(task, documentFields),
    // What only waits for a secret is meant to be on.
    enabled: task.enabled || missing.size > 0,
    recipes: task.triggerObject === 'any' ? null : task.recipeIds.flatMap((id) => nameOf(id) ?? []),
    runs,
    url: task.runRecipeId ? null : task.urlSecret || missing.has('url') ? place('url') : task.url,
    headers: Object.fromEntries(
      Object.entries(task.headers).map(([name, value]) => [
        name,
        isHidden(name) ? place(`headers.${name}`) : (value ?? ''),
      ]),
    ),
    secretKey: task.secretKey === null ? null : place('secretKey'),
    secrets: Object.fromEntries(Object.keys(task.secrets).map((name) => [name, place(`secrets.${name}`)])),
  };
}
