// Pure: the range of time that statistics are asked for, cut into steps that tallies can tell apart.
import { invalidField } from '../../base/error.ts';
import { hourMs, minuteMs, tenMinutesMs } from '../deliveries/tally.ts';

/** Epoch milliseconds; `from` and `to` lie on whole steps. */
export interface StatisticsRange {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

export interface AskedRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly stepMs?: number | undefined;
}

const dayMs = 24 * hourMs;
const longestMs = 32 * dayMs;
const maxSteps = 1500;

/** The range with what was left out; throws `validation_failed` where it is none, or too long. */
export function readRange(
  asked: AskedRange,
  usual: { rangeMs: number; stepMs: number },
  now: number,
): StatisticsRange {
  const to = asked.to ?? now;
  const from = asked.from ?? to - usual.rangeMs;
  if (from >= to) throw invalidField('from', 'must be earlier than `to`.');
  if (to - from > longestMs) throw invalidField('from', 'lies more than 32 days before `to`: ask for less.');
  const stepMs = chooseStep(asked.stepMs ?? usual.stepMs, to - from, now - from);
  return { from: Math.floor(from / stepMs) * stepMs, to: Math.ceil(to / stepMs) * stepMs, stepMs };
}

/** The shortest step that tallies of this age can tell apart. */
function stepOfAge(age: number): number {
  if (age > 2 * dayMs) return hourMs;
  return age > 2 * hourMs ? tenMinutesMs : minuteMs;
}

function chooseStep(asked: number, length: number, age: number): number {
  const unit = stepOfAge(age);
  const least = Math.max(asked, length / maxSteps);
  return Math.ceil(least / unit) * unit;
}
