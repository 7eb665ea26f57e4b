// Pure: a webhook task of code as the API takes it: ids for names, values for the secrets that are sent.
import type { SecretFate } from './flow-plan.ts';
import type { TaskSpec } from './flow-spec.ts';

export interface TaskPlace {
  /** Ids of the watched recipes; null for any job. */
  readonly watched: readonly number[] | null;
  /** The id of the recipe that is run; null for a request. */
  readonly runs: number | null;
  readonly fates: ReadonlyMap<string, SecretFate>;
}

export function toTaskBody(spec: TaskSpec, { watched, runs, fates }: TaskPlace): object {
  const { name, enabled, triggerEvent, condition, method, body, sslVerification, retryOnFailure } = spec;
  const waiting = [...fates].filter(([, { kind }]) => kind === 'wait').map(([field]) => field);
  const valueOf = (field: string) => {
    const fate = fates.get(field);
    return fate?.kind === 'send' ? fate.value : null;
  };
  // What waits is named as missing; for a change null keeps what is stored.
  const under = (kind: string) =>
    Object.fromEntries(
      [...fates.keys()]
        .filter((field) => field.startsWith(`${kind}.`) && !waiting.includes(field))
        .map((field) => [field.slice(kind.length + 1), valueOf(field)]),
    );
  const url = spec.url ?? valueOf('url');
  const common = {
    name,
    enabled,
    triggerEvent,
    triggerObject: watched === null ? 'any' : 'some',
    flowNodeIds: watched ?? [],
    condition,
    retryOnFailure,
    missingSecrets: waiting,
    runWrangledDataset: runs === null ? null : { id: runs },
  };
  if (runs !== null) return common;
  return {
    ...common,
    method,
    body,
    sslVerification,
    ...(url !== null && { url }),
    urlSecret: fates.has('url'),
    headers: { ...spec.headers, ...under('headers') },
    secretHeaders: spec.secretHeaders,
    secrets: under('secrets'),
    ...writeKey(fates.get('secretKey')),
  };
}

/** Empty removes a key. */
function writeKey(fate: SecretFate | undefined): { secretKey?: string } {
  if (fate === undefined) return { secretKey: '' };
  return fate.kind === 'send' ? { secretKey: fate.value } : {};
}
