// A flow with everything that hangs on it, apart from its rows: what is copied, exported and imported.
import type { z } from 'zod';
import type { execution } from '@flowhook/contract/flow/output-object';
import type { DatasetRow, GivenReading, Reading } from '../flows/datasets/dataset-store.ts';
import type { PathPattern } from '../flows/datasets/path-pattern.ts';
import type { ParameterContent } from '../flows/parameter-store.ts';
import type { WriteRule } from '../flows/write-setting-rule.ts';
import type { ScheduleContent } from '../schedules/schedule-store.ts';
import type { TaskDefinition } from '../webhooks/tasks/task-rule.ts';

export type Execution = z.output<typeof execution>;

/** Stands for a dataset or a recipe within one content: the id of its flow node where it comes from. */
export type Key = number;

/** Where the rows of a dataset come from. */
export type DatasetSource =
  | { readonly kind: 'existing'; readonly dataset: DatasetRow }
  /** Of a flow that may not read it: nothing of it is known here but its name. */
  | { readonly kind: 'withheld'; readonly id: number; readonly name: string }
  | { readonly kind: 'uri'; readonly uri: string; readonly bytes: number }
  /** It waits for its file; `reference` says where that was. */
  | { readonly kind: 'waiting'; readonly reference: string };

export interface DatasetPart {
  readonly key: Key;
  readonly name: string;
  readonly description: string | null;
  readonly source: DatasetSource;
  readonly reading: Reading;
  /** Where its address is a pattern of several files. */
  readonly pattern: PathPattern | null;
}

export interface RecipePart {
  readonly key: Key;
  readonly name: string;
  readonly description: string | null;
  readonly sql: string | null;
  /** Steps of another language, as JSON. */
  readonly note: string | null;
  readonly inputs: readonly Key[];
  readonly primary: Key | null;
}

export interface OutputPart {
  readonly recipe: Key;
  readonly isAdhoc: boolean;
  /** The original's word for where it runs, kept as it was given. */
  readonly execution: Execution;
  readonly profiler: boolean;
  readonly settings: readonly WriteRule[];
}

/** What a task runs: a recipe of the same content by its key, or one of another flow by its names, and its id where that is known. */
export type TaskTarget =
  | { readonly kind: 'own'; readonly recipe: Key }
  | { readonly kind: 'other'; readonly flow: string; readonly recipe: string; readonly id: number | null };

/** A webhook task; `recipeIds` are keys, and what it runs is its target. */
export interface TaskPart {
  /** Its id where it comes from. */
  readonly key: number;
  readonly task: TaskDefinition;
  /** Null for a task that sends a request. */
  readonly target: TaskTarget | null;
  readonly disabledReason: string | null;
}

export interface FlowContent {
  /** Its id where it comes from. */
  readonly key: number;
  readonly name: string;
  readonly description: string | null;
  readonly datasets: readonly DatasetPart[];
  readonly recipes: readonly RecipePart[];
  readonly outputs: readonly OutputPart[];
  readonly tasks: readonly TaskPart[];
  readonly parameters: readonly ParameterContent[];
  /** It comes in switched off. */
  readonly schedule: ScheduleContent | null;
}

export const emptyReading = (given: GivenReading = { options: {} }): Reading => ({
  given,
  format: given.format ?? 'csv',
  compression: given.compression ?? 'none',
  options: given.options,
  columns: [],
  assumptions: [],
});
