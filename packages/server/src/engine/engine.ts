// The Engine contract: what any engine (DuckDB in child processes now, a distributed one later) does for the rooms left of it.
import type { WriteFormat } from '@flowhook/contract/flow/write-setting';
import type { Asker } from '../base/turn.ts';
import type { Column, Dataset, FileOptions, InputFile } from './dataset.ts';
import type { Failure } from './failure.ts';
import type { Profile } from './profile.ts';

/** One SQL SELECT over names; without SQL it passes its primary input on. */
export interface Recipe {
  name: string;
  sql: string | null;
  /** The dialect that `sql` is written in; an engine refuses one that it does not speak. */
  dialect: 'duckdb';
  primaryInput: string | null;
}

export type ParameterType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime';

/**
 * A value that recipes read by its name, bound by the engine and never part of the SQL. In the dialect `duckdb` it is
 * read as `parameter('name')`. Names are compared without letter case.
 */
export interface Parameter {
  name: string;
  type: ParameterType;
  /** In its type's usual text: `12`, `1.5`, `true`, `2026-03-29`, `2026-03-29 02:30:00` (UTC). */
  value: string;
}

/**
 * What can be read and what is asked for. Recipes stand in any order: the engine finds who reads whom
 * from the SQL, takes only what `target` reaches, and refuses circles. Names are compared without letter
 * case; a name that two things carry is refused only where it is read.
 */
export interface Query {
  datasets: readonly Dataset[];
  recipes: readonly Recipe[];
  /** The recipe (else the dataset) of this name. */
  target: string;
  parameters?: readonly Parameter[];
}

/** A query that did not work out: bad SQL, a bad file, a limit. */
export interface Refusal {
  ok: false;
  failure: Failure;
}

/** `references` are the datasets and recipes that the target's own SQL names, in their own spelling. */
export type CheckResult = { ok: true; columns: Column[]; references: string[] } | Refusal;

/** A cell as JSON has it: text for what JSON numbers can't hold (64-bit integers, decimals, dates, times). */
export type Cell = null | boolean | number | string | Cell[] | { [name: string]: Cell };

/** The first rows. `truncated`: there are, or may be, more than those. A cell longer than 2,000 characters is cut and ends in `…`. */
export type PreviewResult =
  | {
      ok: true;
      columns: Column[];
      references: string[];
      rows: Cell[][];
      truncated: boolean;
      sample: Sample | null;
      /** What was left out of the files, in sentences for people. */
      warnings: string[];
    }
  | Refusal;

/**
 * What a preview was made of where all of the files would have taken too long: that many of the first rows of each
 * dataset, or (null) the beginning of large files. Counts, sums and joins are of those rows.
 */
export interface Sample {
  rows: number | null;
}

/** Files whose format is asked; what the caller sets is taken as it is, what it leaves out is found. */
export interface InspectRequest {
  /** What the dataset is called, for what is said of it; the file's name unless given. */
  name?: string;
  files: readonly InputFile[];
  format?: Dataset['format'];
  compression?: Dataset['compression'];
  options?: FileOptions;
  /** So many of the first lines are given as they stand, also where the file is refused; none unless asked. */
  lines?: number;
}

/** Everything a dataset needs to be read without guessing again. */
export type InspectResult =
  | {
      ok: true;
      format: Dataset['format'];
      compression: Dataset['compression'];
      options: FileOptions;
      columns: Column[];
      /** What was not certain, each with the option that says otherwise. */
      assumptions: Assumption[];
      /** Marks of the files that keep these columns to their end (`Dataset.checked`). */
      checked: string[];
      lines?: string[];
    }
  | (Refusal & { lines?: string[] });

/** Something that was taken to be so: `text` is a sentence for people, `option` the member of the options that decides. */
export interface Assumption {
  option: string;
  text: string;
}

/** One file that a job writes from its output recipe's rows. */
export interface FilePlan {
  /** The caller's own id, given back with the result. */
  id: string;
  /** `json` is one object a line (newline-delimited), as the original writes it; `pqt` is Parquet. */
  format: WriteFormat;
  /** csv and json take none, gzip, zstd; pqt takes none, gzip, snappy, zstd. */
  compression: 'none' | 'gzip' | 'snappy' | 'zstd';
  /** csv only. */
  header: boolean;
  /** csv only: one character. */
  delimiter: string;
  /** csv only: every text value in quotes; otherwise only where a value needs them. */
  quotes: boolean;
  /** csv only: what stands for a missing value; nothing unless given. */
  nullText?: string;
  /** false: a folder named `fileName` with part files in it. */
  singleFile: boolean;
  /** A plain name, no folders. */
  fileName: string;
}

/**
 * Bounds of one run. Bytes, milliseconds, a count. `memoryBytes` bounds the engine's buffers; its process may
 * take 512 MiB more before it is ended. `tempBytes` bounds what is kept beside the outputs while the run goes on.
 */
export interface Limits {
  memoryBytes: number;
  tempBytes: number;
  timeMs: number;
  threads: number;
}

/** One job's work: plain data, so that it can be handed to a process or a machine elsewhere. */
export interface WritePlan {
  datasets: readonly Dataset[];
  recipes: readonly Recipe[];
  /** The name of the recipe whose rows are written. */
  output: string;
  parameters?: readonly Parameter[];
  files: readonly FilePlan[];
  /** This attempt's own folder: made if it is not there; it holds whole files only once the result is complete. */
  folder: string;
  profile: boolean;
  limits: Limits;
}

export type Step = 'wrangle' | 'filewriter' | 'profile';

/** `percent` is 0-100, or null while it can't be told; `rows` counts what the step has written so far. */
export interface Progress {
  step: Step;
  percent: number | null;
  rows?: number;
}

/** Where a run goes on: kept in the job's row, good for `attach` and `cancel` by any later process. */
export interface Handle {
  engine: string;
  sessionId: string;
  operationId: string;
}

/** A file that is whole, by its path relative to the plan's folder. A split output has one entry per part. */
export interface WrittenFile {
  id: string;
  path: string;
  bytes: number;
  rows: number;
}

/** When a step began and ended, milliseconds since the epoch. */
export interface StepTime {
  step: Step;
  startedAt: number;
  finishedAt: number;
}

/** What a complete run made. `read.rows` is null where it would cost a pass over the input to know. */
export interface Written {
  files: WrittenFile[];
  rows: number;
  columns: Column[];
  read: { bytes: number; rows: number | null };
  profile: Profile | null;
  steps: StepTime[];
  /** What was assumed of the inputs, or left out of them, in sentences for people. */
  warnings: string[];
  /** Null where no dataset that was read lets rows go. */
  rejects: Rejects | null;
  /** Datasets whose files needed wider types than they promise, with all their columns as they were read. */
  widened: { dataset: string; columns: Column[] }[];
}

/** A row of an input that was left out, and why. */
export interface Reject {
  dataset: string;
  file: string;
  /** From 1; null where the format has no lines. */
  line: number | null;
  /** From 1, header not counted; null where only the line is known. */
  row: number | null;
  /** Null where the row itself is at fault. */
  column: string | null;
  value: string | null;
  /** A sentence. */
  reason: string;
}

/** All rows that were left out, and the first of them. */
export interface Rejects {
  rows: number;
  /** Rows of the datasets that let rows go, with those that were left out; 0 where none was. */
  total: number;
  kept: Reject[];
}

/**
 * complete: the files are whole in the folder. failed: with a reason; nothing is left in the folder.
 * canceled: by signal or `cancel`. gone: this engine no longer has the run, nothing was finished, run it again.
 * detached: we let go of it (`close`), it goes on without us; `attach` takes it up later.
 */
export type WriteResult =
  | ({ state: 'complete' } & Written)
  | { state: 'failed'; failure: Failure; steps: StepTime[] }
  | { state: 'canceled' }
  | { state: 'gone' }
  | { state: 'detached' };

export interface WatchOptions {
  /** Called now and then while the run goes on, and at the start and end of each step. */
  onProgress?: (progress: Progress) => void;
  /** Aborting cancels the run. */
  signal?: AbortSignal;
}

export interface WriteOptions extends WatchOptions {
  /** Called and awaited before the work starts, so that no run goes on that nobody has written down. */
  onHandle?: (handle: Handle) => void | Promise<void>;
}

/** No method throws for what a person, a file or a limit did: those are results. */
export interface Engine {
  readonly name: string;
  /** Validates a recipe against the known columns; reads no file. */
  check(query: Query, options: { asker: Asker }): Promise<CheckResult>;
  /**
   * The first `limit` rows (at most 1,000) of the target, or what there is of them after some seconds; of a sample of the
   * inputs where that is nothing. `whole`: all of the files are read, however long that takes within the time limit.
   */
  preview(
    query: Query,
    options: { asker: Asker; limit: number; signal?: AbortSignal; whole?: boolean },
  ): Promise<PreviewResult>;
  /** Finds format, options, columns and types of files. */
  inspect(request: InspectRequest, options: { asker: Asker }): Promise<InspectResult>;
  write(plan: WritePlan, options?: WriteOptions): Promise<WriteResult>;
  /** Takes up a run that an earlier process (or this one) began. */
  attach(handle: Handle, options?: WatchOptions): Promise<WriteResult>;
  /** Ends a run, whatever it is doing; resolves once it is over. An unknown handle is fine. */
  cancel(handle: Handle): Promise<void>;
  /**
   * Lets go of everything, for good: runs that can't go on alone end as `gone`, others as `detached`. What is asked to be
   * written from then on is `gone`, too.
   */
  close(): Promise<void>;
}
