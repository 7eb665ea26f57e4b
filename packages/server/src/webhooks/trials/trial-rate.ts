// Pure: how often one person may try webhook tasks: what is tried costs others time, and a receiver that echoes answers guesses.
import { Problem } from '../../base/error.ts';

/** What is tried, and how often a minute; half of a minute's may come at once. */
const perMinute = { test: 30, preview: 240, backtest: 30 } as const;
export type TrialKind = keyof typeof perMinute;

/** People whose counts are kept; the one that has waited longest makes room. */
const mostPeople = 10_000;

export interface TrialRate {
  /** Counts one trial of a person at a time in epoch milliseconds. Throws `too_many_requests` where it is one too many. */
  take(kind: TrialKind, personId: number, now: number): void;
}

/** A bucket for each person and kind, which fills evenly. */
export function createTrialRate(): TrialRate {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    take(kind, personId, now) {
      const key = `${kind} ${personId}`;
      const most = perMinute[kind] / 2;
      const { left: before, at } = buckets.get(key) ?? { left: most, at: now };
      const left = Math.min(most, before + (Math.max(0, now - at) * perMinute[kind]) / 60_000);
      if (left < 1) throw tooMany(kind, ((1 - left) * 60) / perMinute[kind]);
      buckets.delete(key);
      if (buckets.size >= mostPeople) buckets.delete(buckets.keys().next().value!);
      buckets.set(key, { left: left - 1, at: now });
    },
  };
}

function tooMany(kind: TrialKind, wait: number): Problem {
  const seconds = String(Math.max(1, Math.ceil(wait)));
  const detail = `You asked for more than ${perMinute[kind]} ${kind}s a minute: wait ${seconds} s.`;
  return new Problem('too_many_requests', detail, [], { headers: { 'retry-after': seconds } });
}
