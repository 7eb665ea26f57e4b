// What the server and a DuckDB child say to each other; a child answers one request at a time.
import type {
  CheckResult,
  InspectRequest,
  InspectResult,
  PreviewResult,
  Progress,
  Query,
} from '../engine.ts';
import type { StepTime, WritePlan, Written } from '../engine.ts';
import type { Failure } from '../failure.ts';

/** Bounds of a child of a pool: the engine's buffers, and its process with them. */
export interface PoolLimits {
  memoryBytes: number;
  processBytes: number;
  threads: number;
}

/**
 * An input as the child finds it: below its working folder, and what tells it from another file; or why it is not there.
 * A copy has the mark of the file that it was made of.
 */
export type HandedFile = { name: string; identity: string; mark?: string } | { fault: 'missing' | 'outside' };
/** For each dataset its files in order. */
export type HandedFiles = readonly (readonly HandedFile[])[];

/** A child works in the folder that it was started in; its inputs are there already. */
export type Request =
  | { kind: 'check'; query: Query; limits: PoolLimits }
  | {
      kind: 'preview';
      query: Query;
      limit: number;
      waitMs: number | null;
      files: HandedFiles;
      limits: PoolLimits;
    }
  | { kind: 'inspect'; request: InspectRequest; files: HandedFiles; limits: PoolLimits }
  | { kind: 'write'; plan: WritePlan; files: HandedFiles };

/** The files of a `Written` still stand in the working folder's `out/`. */
export type WriteAnswer = { ok: true; written: Written } | { ok: false; failure: Failure; steps: StepTime[] };

export type Answer = CheckResult | PreviewResult | InspectResult | WriteAnswer;

/** `ready`: it has loaded the engine and takes requests. */
export type Message =
  | { kind: 'ready' }
  | { kind: 'progress'; progress: Progress }
  | { kind: 'answer'; answer: Answer };
