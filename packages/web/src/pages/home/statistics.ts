// Pure: what Home reads out of the statistics.
import type { statisticsEndpoints } from '@flowhook/contract/webhook/statistics';
import type { AnswerOf } from '@flowhook/client/call-input';

export type Statistics = AnswerOf<typeof statisticsEndpoints.get>;

export const outcomes = ['delivered', 'retried', 'dead', 'blocked', 'canceled'] as const;
export type Outcome = (typeof outcomes)[number];

/** True where nothing was attempted in the range and nothing waits for an attempt. */
export function isQuiet({ attempts, deliveries: { pending, held, sending } }: Statistics): boolean {
  return outcomes.every((outcome) => attempts[outcome] === 0) && pending + held + sending === 0;
}

/** Attempts a minute in each step; the last step has only begun and is measured by what has passed of it, a minute at least. */
export function readRates(
  { series, stepSeconds }: Pick<Statistics, 'series' | 'stepSeconds'>,
  outcome: Outcome,
  now: number,
): number[] {
  return series.map((point) => {
    const passed = (now - Date.parse(point.at)) / 1000;
    const seconds = Math.min(stepSeconds, Math.max(60, passed));
    return (point[outcome] / seconds) * 60;
  });
}
