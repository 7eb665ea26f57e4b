// Pure: a webhook task of the API as code has it: names for ids, places for secrets.
import type { z } from 'zod';
import type { webhookTask } from '@flowhook/contract/webhook/webhook-task';
import { isSecretByName, isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import type { SecretState, TaskSpec } from './flow-spec.ts';

export type ShownTask = z.output<typeof webhookTask>;

/** `flow` is null for the task's own. */
export interface RecipeName {
  readonly flow: string | null;
  readonly recipe: string;
}

export function readTask(
  task: ShownTask,
  names: ReadonlyMap<number, RecipeName>,
): { spec: TaskSpec; secrets: Map<string, SecretState> } {
  const { headers, secretHeaders, missingSecrets, runWrangledDataset: run, urlSecret } = task;
  const isSecret = (name: string) => isSecretHeader(name, secretHeaders);
  const hidden = Object.keys(headers).filter(
    (name) => isSecret(name) || missingSecrets.includes(`headers.${name}`),
  );
  const fields = [
    ...(urlSecret && run === null ? ['url'] : []),
    ...(task.secretKeySet || missingSecrets.includes('secretKey') ? ['secretKey'] : []),
    ...hidden.map((name) => `headers.${name}`),
    ...task.secretNames.map((name) => `secrets.${name}`),
  ];
  const all = [...new Set([...fields, ...missingSecrets])];
  const waits = missingSecrets.length > 0;
  const spec: TaskSpec = {
    name: task.name,
    // What only waits for a secret is meant to be on.
    enabled: task.enabled || waits,
    triggerEvent: task.triggerEvent,
    recipes:
      task.triggerObject === 'any' ? null : task.flowNodeIds.flatMap((id) => names.get(id)?.recipe ?? []),
    condition: task.condition,
    runs: run === null ? null : (names.get(run.id) ?? null),
    method: task.method,
    url: run !== null || all.includes('url') ? null : task.url,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        hidden.includes(name) ? [] : [[name, value ?? '']],
      ),
    ),
    body: task.body,
    secretHeaders: hidden.filter((name) => !isSecretByName(name)),
    secrets: Object.fromEntries(all.map((field) => [field, 'stored' as const])),
    sslVerification: task.sslVerification,
    retryOnFailure: task.retryOnFailure,
  };
  return {
    spec,
    secrets: new Map(all.map((field) => [field, missingSecrets.includes(field) ? 'waiting' : 'set'])),
  };
}
