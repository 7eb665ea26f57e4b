// Pure: what settled attempts count for in the statistics, and how tallies are merged as they age.
import { classifyLatency, sumLatencies, writeLatencies } from './latency.ts';
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
