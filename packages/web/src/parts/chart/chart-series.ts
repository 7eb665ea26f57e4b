// What a chart shows: times, and one or more series of values.

export interface Series {
  readonly name: string;
  /** One of the theme's chart colours. */
  readonly tone: 'good' | 'bad' | 'busy' | 'waiting' | 'quiet' | 'accent';
  /** A value for each time; null where there is none. */
  readonly values: readonly (number | null)[];
  /** A dashed line tells two series apart without colour. */
  readonly dashed?: boolean;
}

export interface ChartProps {
  readonly title: string;
  /** Epoch milliseconds, rising. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** Writes a value, with its unit. */
  format(value: number): string;
  readonly height?: number;
  readonly kind?: 'line' | 'bars';
}
