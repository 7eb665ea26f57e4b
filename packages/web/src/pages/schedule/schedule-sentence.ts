// Pure: when a schedule runs, as a sentence.
import { scheduleText as text } from '../../text/schedule.ts';
import { readRhythm } from './rhythm.ts';

interface Given {
  readonly expression: string;
  readonly timezone: string;
}

/** `Every weekday at 06:30 (Asia/Kolkata)`; with several times one after the other. */
export function describeTimes(triggers: readonly Given[]): string {
  return triggers.map(({ expression, timezone }) => `${describeOne(expression)} (${timezone})`).join('; ');
}

function describeOne(expression: string): string {
  const { rhythm, clock, weekday, monthDay } = readRhythm(expression);
  switch (rhythm) {
    case 'hour':
      return text.everyHour(clock.slice(3));
    case 'day':
      return text.everyDay(clock);
    case 'weekdays':
      return text.everyWeekday(clock);
    case 'week':
      return text.everyWeek(text.weekdays[weekday]!, clock);
    case 'month':
      return text.everyMonth(monthDay, clock);
    case 'cron':
      return text.byCron(expression);
  }
}
