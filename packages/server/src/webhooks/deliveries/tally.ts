// Pure: what settled attempts count for in the statistics, and how tallies are merged as they age.
import type { Outcome } from '../sending/outcome.ts';

/** What an attempt came to: received, to be made again, the last one, refused by the egress policy, ended by a cancel. */
export const tallyResults = ['delivered', 'retried', 'dead', 'blocked', 'canceled'] as const;
export type TallyResult = (typeof tallyResults)[number];

export const minuteMs = 60_000;
export const tenMinutesMs = 600_000;
export const hourMs = 3_600_000;
export type Span = 0 | typeof minuteMs | typeof tenMinutesMs | typeof hourMs;

/** A row of `attempt_tallies`, without its id. */
export interface Tally {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly span: Span;
  readonly flow_id: number;
  readonly task_id: number;
  readonly host: string;
  readonly result: TallyResult;
  readonly reason: string;
  readonly count: number;
  readonly latencies: string;
}

/** An attempt that is settled, and the state its delivery has since. */
export interface Counted {
  readonly claim: {
    readonly flowId: number;
    readonly taskId: number;
    readonly host: string;
    readonly roundStart: number;
    readonly createdAt: number;
  };
  readonly outcome: Outcome;
  readonly state: string;
  /** When the answer had come, epoch milliseconds. */
  readonly receivedAt: number;
}

/** One row for each kind of attempt in a batch; all of them happened `at` about the same time. */
export function tallyAttempts(attempts: readonly Counted[], at: number): Tally[] {
  return mergeTallies(
    attempts.map((attempt) => tallyOne(attempt, at)),
    0,
  );
}

/** Of an attempt that was cut off nothing is known but the row of its delivery. */
export interface CutOff {
  readonly flow_id: number;
  readonly task_id: number;
  readonly host: string;
  readonly state: string;
  readonly now: number;
}

export function tallyInterrupted(cut: readonly CutOff[]): Tally[] {
  const outcome = { kind: 'failure', reason: 'interrupted', detail: '' } as const;
  return cut.flatMap(({ flow_id: flowId, task_id: taskId, host, state, now }) => {
    const claim = { flowId, taskId, host, roundStart: 0, createdAt: now };
    return tallyAttempts([{ claim, outcome, state, receivedAt: now }], now);
  });
}

function tallyOne({ claim, outcome, state, receivedAt }: Counted, at: number): Tally {
  const result = readResult(outcome, state);
  const isFirstRound = claim.roundStart === 0;
  const counts = result === 'delivered' && isFirstRound;
  return {
    at,
    span: 0,
    flow_id: claim.flowId,
    task_id: claim.taskId,
    host: claim.host,
    result,
    reason: result === 'delivered' ? '' : readReason(outcome),
    count: 1,
    // Asked for again by hand, it says nothing about how soon a callback arrives.
    latencies: counts ? `${classifyLatency(receivedAt - claim.createdAt)}:1` : '',
  };
}

function readResult(outcome: Outcome, state: string): TallyResult {
  if (state === 'delivered' || state === 'canceled') return state;
  if (state === 'pending') return 'retried';
  return outcome.kind === 'failure' && outcome.reason === 'blocked' ? 'blocked' : 'dead';
}

function readReason(outcome: Outcome): string {
  return outcome.kind === 'failure' ? outcome.reason : String(outcome.statusCode);
}

/** Rows that differ in nothing but their time within `span` become one. */
export function mergeTallies(tallies: readonly Tally[], span: Span): Tally[] {
  const groups = new Map<string, Tally[]>();
  for (const tally of tallies) {
    const at = span === 0 ? tally.at : Math.floor(tally.at / span) * span;
    const key = JSON.stringify([at, tally.flow_id, tally.task_id, tally.host, tally.result, tally.reason]);
    const group = groups.get(key) ?? [];
    group.push({ ...tally, at, span });
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    count: group.reduce((sum, { count }) => sum + count, 0),
    latencies: writeLatencies(sumLatencies(group.map(({ latencies }) => latencies))),
  }));
}

// Times from event to received, in classes that are 10 % wide: what a tally can count, and percentiles of it.

const width = Math.log(1.1);
/** A class above all: 30 days. */
const max = Math.ceil(Math.log(30 * 86_400_000) / width);
/** The class of a time in milliseconds: 0 for up to one, each further one 10 % wider. */
export function classifyLatency(ms: number): number {
  if (ms <= 1) return 0;
  return Math.min(max, Math.ceil(Math.log(ms) / width));
}

/** The time in milliseconds that stands for a class: at most 5 % away from each time in it. */
export function readLatency(latencyClass: number): number {
  return latencyClass === 0 ? 1 : Math.round(Math.exp((latencyClass - 0.5) * width));
}

/** How many deliveries took how long, by class. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** As a tally stores it: `24:5,25:1`; empty for none. */
function writeLatencies(counts: LatencyCounts): string {
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
