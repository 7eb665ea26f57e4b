// Pure: how often one person may try webhook tasks: what is tried costs others time, and a receiver that echoes answers guesses.
import { Problem } from '../../base/error.ts';

/** What is tried, and how often beside tests; half of a minute's may come at once. The editor asks for a preview as one types. */
const perTest = { test: 1, preview: 8, backtest: 1 } as const;
export type TrialKind = keyof typeof perTest;

/** People whose counts are kept; the one that has waited longest makes room. */
const maxPeople = 10_000;

export interface TrialRate {
  /** Counts one trial of a person at a time in epoch milliseconds. Throws `too_many_requests` where it is one too many. */
  take(kind: TrialKind, personId: number, now: number): void;
}

/** A bucket for each person and kind, which fills evenly. */
export function createTrialRate(testsPerMinute: () => number): TrialRate {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    take(kind, personId, now) {
      const key = `${kind} ${personId}`;
      const perMinute = testsPerMinute() * perTest[kind];
      const max = Math.max(1, perMinute / 2);
      const { left: before, at } = buckets.get(key) ?? { left: max, at: now };
      const left = Math.min(max, before + (Math.max(0, now - at) * perMinute) / 60_000);
      if (left < 1) throw tooMany(kind, perMinute, ((1 - left) * 60) / perMinute);
      buckets.delete(key);
      if (buckets.size >= maxPeople) buckets.delete(buckets.keys().next().value!);
      buckets.set(key, { left: left - 1, at: now });
    },
  };
}

function tooMany(kind: TrialKind, perMinute: number, wait: number): Problem {
  const seconds = String(Math.max(1, Math.ceil(wait)));
  const detail = `You asked for more than ${perMinute} ${kind}s a minute: wait ${seconds} s.`;
  return new Problem('too_many_requests', detail, [], { headers: { 'retry-after': seconds } });
}
