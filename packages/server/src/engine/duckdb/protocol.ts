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

/** Bounds of a child of the pool. */
export interface PoolLimits {
  memoryBytes: number;
  threads: number;
}

/** `folder` is an empty folder of the request's own, which becomes the child's working folder. */
export type Request =
  | { kind: 'check'; query: Query; limits: PoolLimits }
  | { kind: 'preview'; query: Query; limit: number; folder: string; limits: PoolLimits }
  | { kind: 'inspect'; request: InspectRequest; folder: string; limits: PoolLimits }
  | { kind: 'write'; plan: WritePlan };

/** The files of a `Written` still stand in the working folder's `out/`. */
export type WriteAnswer = { ok: true; written: Written } | { ok: false; failure: Failure; steps: StepTime[] };

export type Answer = CheckResult | PreviewResult | InspectResult | WriteAnswer;

export type Message = { kind: 'progress'; progress: Progress } | { kind: 'answer'; answer: Answer };
