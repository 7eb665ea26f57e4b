// What a profile says about an output's rows, column by column.

/**
 * Statistics of one column. `distinct` is approximate (HyperLogLog, within about 2 %) and says so in
 * `distinctApproximate`; quantiles are approximate above 100,000 rows. Values are text as CSV would have them.
 */
export interface ColumnProfile {
  name: string;
  type: string;
  /** Rows where the value is missing (null); for text columns also how many are empty. */
  missing: number;
  empty: number | null;
  distinct: number;
  distinctApproximate: boolean;
  min: string | null;
  max: string | null;
  /** Numbers only. */
  mean: number | null;
  /** Numbers, dates and times: the 5th, 25th, 50th, 75th and 95th percent. */
  quantiles: { q05: string; q25: string; q50: string; q75: string; q95: string } | null;
  /** At most ten, most frequent first; counts are exact unless `topApproximate`. */
  top: { value: string; count: number }[];
  topApproximate: boolean;
}

export interface Profile {
  rows: number;
  columns: ColumnProfile[];
}
