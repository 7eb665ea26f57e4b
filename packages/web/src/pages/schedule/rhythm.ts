// Pure: how often a schedule runs, as people say it, and the cron expression of five fields that says the same.

export const rhythms = ['hour', 'day', 'weekdays', 'week', 'month', 'cron'] as const;
export type Rhythm = (typeof rhythms)[number];

export interface Times {
  readonly rhythm: Rhythm;
  /** `06:30`; of an hourly one only the minute counts. */
  readonly clock: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly monthDay: number;
}

const usual: Times = { rhythm: 'cron', clock: '06:00', weekday: 1, monthDay: 1 };
const number = /^\d{1,2}$/u;

function within(text: string, last: number, first = 0): number | null {
  const value = Number(text);
  return number.test(text) && value >= first && value <= last ? value : null;
}

const pad = (value: number) => String(value).padStart(2, '0');

/** What an expression says; `cron` where it says something else. */
export function readRhythm(expression: string): Times {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', more] = expression
    .trim()
    .split(/\s+/u);
  const minute = within(minutes, 59);
  if (more !== undefined || months !== '*' || minute === null) return usual;
  if (hours === '*' && days === '*' && weekdays === '*')
    return { ...usual, rhythm: 'hour', clock: `00:${pad(minute)}` };
  const hour = within(hours, 23);
  if (hour === null) return usual;
  const clock = `${pad(hour)}:${pad(minute)}`;
  if (days !== '*') {
    const monthDay = within(days, 31, 1);
    return weekdays === '*' && monthDay !== null ? { ...usual, rhythm: 'month', clock, monthDay } : usual;
  }
  if (weekdays === '*') return { ...usual, rhythm: 'day', clock };
  if (/^(?:1-5|MON-FRI)$/iu.test(weekdays)) return { ...usual, rhythm: 'weekdays', clock };
  const weekday = within(weekdays, 7);
  return weekday === null ? usual : { ...usual, rhythm: 'week', clock, weekday: weekday % 7 };
}

/** The expression; of a clock that is not typed whole yet the one of midnight. `cron` has none of its own. */
export function writeRhythm({ rhythm, clock, weekday, monthDay }: Times): string | null {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  const at = `${Number.isNaN(minute) ? 0 : minute} ${rhythm === 'hour' ? '*' : Number.isNaN(hour) ? 0 : hour}`;
  switch (rhythm) {
    case 'hour':
    case 'day':
      return `${at} * * *`;
    case 'weekdays':
      return `${at} * * 1-5`;
    case 'week':
      return `${at} * * ${weekday}`;
    case 'month':
      return `${at} ${monthDay} * *`;
    case 'cron':
      return null;
  }
}
