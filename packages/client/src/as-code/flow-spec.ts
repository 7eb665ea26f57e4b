// Pure: a flow as code has it: everything by name, no id and no secret in it.
import { foldName } from '@flowhook/contract/flow/name';
import type { DatasetOptionsGiven, FileRule, PatternGiven } from './spec-part.ts';
import type { WebhookCondition } from '@flowhook/contract/webhook/webhook-condition';

/** Where a secret comes from: the server has it already, or an environment variable of whoever applies. */
export type SecretSource = 'stored' | `env:${string}`;

export interface DatasetSpec {
  readonly name: string;
  readonly description: string | null;
  /** Null for an upload: it is found by its name, and never made. */
  readonly uri: string | null;
  readonly pathPattern: PatternGiven | null;
  readonly format: string | null;
  readonly compression: string | null;
  readonly options: DatasetOptionsGiven;
}

export interface ParameterSpec {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly description: string | null;
}

export interface OutputSpec {
  /** The original's word for where it runs. */
  readonly execution: string;
  readonly profiler: boolean;
  readonly files: readonly FileRule[];
}

export interface RecipeSpec {
  readonly name: string;
  readonly description: string | null;
  /** Null passes the input on. */
  readonly sql: string | null;
  /** It came in a package without SQL, and can't be run. */
  readonly waitsForSql: boolean;
  /** The first input; null leaves it to the SQL. */
  readonly input: { readonly kind: 'dataset' | 'recipe'; readonly name: string } | null;
  readonly adhoc: OutputSpec | null;
  readonly scheduled: OutputSpec | null;
}

export interface TaskSpec {
  readonly name: string;
  readonly enabled: boolean;
  readonly triggerEvent: string;
  /** Recipes whose output is watched; null for any job of the flow. */
  readonly recipes: readonly string[] | null;
  readonly condition: WebhookCondition | null;
  /** Runs this recipe instead of sending a request; `flow` is null for the task's own. */
  readonly runs: { readonly flow: string | null; readonly recipe: string } | null;
  readonly method: string;
  /** Null where the URL is secret, or nothing is sent. */
  readonly url: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Headers that are secret only because they are listed so. */
  readonly secretHeaders: readonly string[];
  /** By the API's field: url, secretKey, headers.NAME, secrets.NAME. */
  readonly secrets: Readonly<Record<string, SecretSource>>;
  readonly sslVerification: boolean;
  readonly retryOnFailure: boolean;
}

export interface ScheduleSpec {
  readonly name: string | null;
  readonly enabled: boolean;
  readonly times: readonly { readonly cron: string; readonly timezone: string }[];
  readonly missed: string;
  readonly overlap: string;
  readonly parameters: readonly { readonly key: string; readonly value: unknown }[];
}

export interface FlowSpec {
  readonly name: string;
  readonly description: string | null;
  readonly parameters: readonly ParameterSpec[];
  readonly datasets: readonly DatasetSpec[];
  readonly recipes: readonly RecipeSpec[];
  readonly tasks: readonly TaskSpec[];
  readonly schedule: ScheduleSpec | null;
}

/** What a secret of a task is at the server: a value, or a place that waits for one. */
export type SecretState = 'set' | 'waiting';

/** The first name that two of them have; undefined where there is none. */
export function findTwice<Item extends { readonly name: string }>(
  items: readonly Item[],
  fold: (name: string) => string = foldName,
): Item | undefined {
  const seen = new Set<string>();
  return items.find(({ name }) => {
    const key = fold(name);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
