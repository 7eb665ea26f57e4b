// Pure: what a condition must fulfil to be saved, beyond its shape: that it can come true at all.
import { conditionKind } from '@flowhook/contract/webhook/webhook-condition';
import type { Condition } from '../events/condition.ts';
import { nextCronTime } from '../events/cron-time.ts';
import type { TriggerEvent } from '../events/decision.ts';
import type { Fault } from '../messages/header.ts';

interface Conditional {
  readonly condition: Condition | null;
  readonly triggerEvent: TriggerEvent;
}

/** Faults of a condition beside the trigger event it stands with. */
export function checkCondition({ condition, triggerEvent }: Conditional): Fault[] {
  return condition === null ? [] : [...checkEvent(condition, triggerEvent), ...checkMembers(condition)];
}

function checkEvent(condition: Condition, triggerEvent: TriggerEvent): Fault[] {
  const { result } = conditionKind(condition.kind);
  const refuse = (why: string) => [{ field: 'triggerEvent', detail: `With this condition ${why}` }];
  if (result === 'success' && triggerEvent === 'onJobFailure')
    return refuse('only successes can meet it: set triggerEvent to onJobSuccess.');
  if (result === 'failure' && triggerEvent === 'onJobSuccess')
    return refuse('only failures can meet it: set triggerEvent to onJobFailure.');
  if (condition.kind !== 'longerThan' || !condition.whileRunning || triggerEvent === 'onJobDone') return [];
  return refuse(
    'nobody knows how a running job will end: set triggerEvent to onJobDone, or whileRunning to false.',
  );
}

function checkMembers(condition: Condition): Fault[] {
  if (condition.kind === 'notRefreshedBy') return checkCron(condition);
  return condition.kind === 'rowsOutside' ? checkBounds(condition) : [];
}

function checkBounds({ min, max }: Extract<Condition, { kind: 'rowsOutside' }>): Fault[] {
  if (min === null && max === null)
    return [{ field: 'condition', detail: 'Give min or max, or both: without a bound nothing is outside.' }];
  if (min === null || max === null || min <= max) return [];
  return [{ field: 'condition.min', detail: 'min is above max: every number of rows would be outside.' }];
}

function checkCron({ cron, timezone }: Extract<Condition, { kind: 'notRefreshedBy' }>): Fault[] {
  if (!isTimezone(timezone))
    return [
      {
        field: 'condition.timezone',
        detail: 'This is not a time zone: give an IANA name, such as Europe/Berlin.',
      },
    ];
  // Without a year, what has a time after 1970 has one after today.
  if (cron.split(/\s+/u).length <= 6 && nextCronTime(cron, timezone, 0) !== null) return [];
  const detail =
    'This is no cron expression that ever comes true: give five fields, as `0 7 * * *` for each day at seven.';
  return [{ field: 'condition.cron', detail }];
}

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
