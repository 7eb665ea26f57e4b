// Pure: times from event to received, in classes that are 10 % wide: what a tally can count, and percentiles of it.

const width = Math.log(1.1);
/** A class above all: 30 days. */
const most = Math.ceil(Math.log(30 * 86_400_000) / width);
/** The class of a time in milliseconds: 0 for up to one, each further one 10 % wider. */
export function classifyLatency(ms: number): number {
  if (ms <= 1) return 0;
  return Math.min(most, Math.ceil(Math.log(ms) / width));
}

/** The time in milliseconds that stands for a class: at most 5 % away from each time in it. */
export function readLatency(latencyClass: number): number {
  return latencyClass === 0 ? 1 : Math.round(Math.exp((latencyClass - 0.5) * width));
}

/** How many deliveries took how long, by class. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** As a tally stores it: `24:5,25:1`; empty for none. */
export function writeLatencies(counts: LatencyCounts): string {
  return [...counts].map(([latency, count]) => `${latency}:${count}`).join(',');
}

/** All counts of stored texts together. */
export function sumLatencies(texts: readonly string[]): LatencyCounts {
  const sums = new Map<number, number>();
  for (const text of texts)
    for (const pair of text === '' ? [] : text.split(',')) {
      const [latency, count] = pair.split(':').map(Number) as [number, number];
      sums.set(latency, (sums.get(latency) ?? 0) + count);
    }
  return sums;
}

/** The smallest time, in milliseconds, that `share` (0 to 1) of the deliveries needed at most; null where there are none. */
export function findPercentile(counts: LatencyCounts, share: number): number | null {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const wanted = sorted.reduce((sum, [, count]) => sum + count, 0) * share;
  let seen = 0;
  for (const [latency, count] of sorted) {
    seen += count;
    if (seen >= wanted && count > 0) return readLatency(latency);
  }
  return null;
}
