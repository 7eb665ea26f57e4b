// One measurement between two of the floor, and how it is printed: other work on the machine disturbs both alike.
import type { FloorMeasure } from '../floor.ts';
import { tellVerdict } from './verdict.ts';

export interface Pair {
  /** Before and after. */
  readonly floors: readonly FloorMeasure[];
  /** Deliveries a second. */
  readonly rate: number;
  /** Processor time of one delivery: of the server, and of PostgreSQL. */
  readonly cpuUs: number;
  readonly databaseUs: number;
}

export function showPair(name: string, pair: Pair): void {
  const { floors, rate, cpuUs, databaseUs } = pair;
  const database = databaseUs === 0 ? '' : ` + ${databaseUs.toFixed(0)} µs of PostgreSQL's`;
  console.log(
    `${name}: ${showRate(rate)}, ${cpuUs.toFixed(0)} µs of CPU${database} each; ` +
      `floor ${floors.map((floor) => `${showRate(floor.rate)} ${floor.cpuUs.toFixed(0)} µs`).join(', ')}; ` +
      `${ratioOf(pair).toFixed(2)} of its rate, ${cpuRatioOf(pair).toFixed(2)} by CPU`,
  );
}

/** The median of the pairs, beside the target. */
export function showPairs(name: string, pairs: readonly Pair[], target: number): void {
  const ratio = median(pairs.map(ratioOf));
  const verdict = tellVerdict(ratio >= target);
  const rate = median(pairs.map((pair) => pair.rate));
  console.log(
    `${name}: median ${showRate(rate)}, ${ratio.toFixed(2)} of the floor (by CPU ${median(pairs.map(cpuRatioOf)).toFixed(2)}); ` +
      `target ${target}: ${verdict}`,
  );
}

function ratioOf({ rate, floors }: Pair): number {
  return rate / (floors.reduce((sum, floor) => sum + floor.rate, 0) / floors.length);
}

/** What the ratio of the rates would be if the server and the floor's loop had a processor each to themselves. */
function cpuRatioOf({ cpuUs, floors }: Pair): number {
  return median(floors.map((floor) => floor.cpuUs)) / cpuUs;
}

function showRate(rate: number): string {
  return `${Math.round(rate).toLocaleString('en')}/s`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
