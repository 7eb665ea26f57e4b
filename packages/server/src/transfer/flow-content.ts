// A flow with everything that hangs on it, apart from its rows: what is copied, exported and imported.
import type { DatasetRow, GivenReading, Reading } from '../flows/dataset-store.ts';
import type { WriteRule } from '../flows/write-setting-rule.ts';
import type { TaskDefinition } from '../webhooks/task-rule.ts';

/** Stands for a dataset or a recipe within one content: the id of its flow node where it comes from. */
export type Key = number;

/** Where the rows of a dataset come from. */
export type DatasetSource =
  | { readonly kind: 'existing'; readonly dataset: DatasetRow }
  | { readonly kind: 'uri'; readonly uri: string; readonly bytes: number }
  /** It waits for its file; `reference` says where that was. */
  | { readonly kind: 'waiting'; readonly reference: string };

export interface DatasetPart {
  readonly key: Key;
  readonly name: string;
  readonly description: string | null;
  readonly source: DatasetSource;
  readonly reading: Reading;
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
  readonly profiler: boolean;
  readonly settings: readonly WriteRule[];
}

/** A webhook task; `recipeIds` are keys. */
export interface TaskPart {
  /** Its id where it comes from. */
  readonly key: number;
  readonly task: TaskDefinition;
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
}

export const emptyReading = (given: GivenReading = { options: {} }): Reading => ({
  given,
  format: given.format ?? 'csv',
  compression: given.compression ?? 'none',
  options: given.options,
  columns: [],
});
