// The frozen plan of a job: everything that it reads, does and writes, fixed when it is launched.
import type { Dataset } from '../engine/dataset.ts';
import type { FilePlan, Parameter, Recipe } from '../engine/engine.ts';
import type { WriteAction } from './places/place-rule.ts';

/** One file that a job writes and where it is published. */
export interface PlannedFile {
  readonly plan: FilePlan;
  /** Below the outputs folder, with `/` between its parts. */
  readonly path: string;
  /** create: a new name beside earlier results; overwrite: in their place; append: one more part in a folder. */
  readonly action: WriteAction;
  /** The path of the write setting that it was made of; empty for an output without any, null where the launch chose it. */
  readonly template?: string | null;
  /** Where it goes instead if another flow has the path: for a path that nobody chose. */
  readonly spare?: string;
}

/** What `jobs.plan` holds, as JSON. Later changes of the flow do not reach it. */
export interface JobPlan {
  readonly datasets: readonly Dataset[];
  readonly recipes: readonly Recipe[];
  /** The name of the recipe whose rows are written. */
  readonly output: string;
  readonly files: readonly PlannedFile[];
  readonly profile: boolean;
  /** What recipes and paths read, with the values of this job. */
  readonly parameters: readonly Parameter[];
  /** The time that the run is about, epoch milliseconds. */
  readonly referenceAt: number;
  /** For `GET /v4/jobGroups/:id/inputs`: what is read, by name. */
  readonly inputs: readonly {
    readonly id: number;
    readonly name: string;
    readonly uris: readonly string[];
  }[];
}
