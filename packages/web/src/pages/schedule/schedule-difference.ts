// Pure: the fields of a schedule as people compare them when two have changed one schedule.
import type { FieldView } from '../../parts/form/conflict.ts';
import { scheduleText as text } from '../../text/schedule.ts';
import { describeTimes } from './schedule-sentence.ts';
import type { ScheduleValues } from './schedule-value.ts';

export const scheduleView: FieldView<ScheduleValues> = {
  labels: {
    name: text.name,
    triggers: text.sentence,
    missed: text.missed,
    overlap: text.overlap,
    enabled: text.enabled,
  },
  // Outputs are things of their own.
  plain: (field, value) => (field === 'runs' ? null : value),
  show(field, value) {
    if (field === 'triggers') return describeTimes(value as ScheduleValues['triggers']);
    if (field === 'missed') return text.missedChoices[value as ScheduleValues['missed']];
    if (field === 'overlap') return text.overlapChoices[value as ScheduleValues['overlap']];
    return String(value);
  },
};
