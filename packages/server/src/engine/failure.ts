// Why a query or a run did not work out: a closed list, each with what a person needs to mend it.
/** An error in a recipe's SQL. Positions count UTF-16 units, as editors and JavaScript strings do. */
export interface SqlError {
  /** The recipe at fault: the target itself, or one that it reads. */
  recipe: string;
  /** What is wrong, one sentence. */
  message: string;
  /** The way out, one sentence. */
  hint: string | null;
  /** 1-based; null where no place can be named. */
  line: number | null;
  column: number | null;
  /** 0-based offset into the recipe's SQL, and how far the fault reaches where that is known. */
  position: number | null;
  length: number | null;
}

/** A value in an input file that is not of its column's type. */
export interface BadValue {
  dataset: string;
  file: string | null;
  /** 1-based line of the file, null where the format has none. */
  line: number | null;
  column: string | null;
  value: string | null;
  type: string | null;
}

/** `message` says what happened, `hint` the way out; both are whole sentences for people. */
export type Failure = { message: string; hint: string | null } & (
  | { reason: 'sql_error'; sql: SqlError }
  | { reason: 'bad_value'; bad: BadValue }
  | { reason: 'input_missing' | 'input_changed' | 'input_unreadable'; dataset: string; file: string | null }
  | { reason: 'input_withheld'; dataset: string }
  | { reason: 'output_refused' | 'output_failed'; fileId: string | null }
  | {
      reason:
        | 'out_of_memory'
        | 'temp_space_full'
        | 'disk_full'
        | 'time_limit'
        | 'canceled'
        | 'crashed'
        | 'busy';
    }
);

export type Reason = Failure['reason'];
