// One time of a schedule: how often as people say it, or a cron expression; and whose clock counts.
import { ActionIcon, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { listZones } from '../../parts/form/time-zone.ts';
import { IconTrash } from '../../parts/icon.ts';
import { scheduleText as text } from '../../text/schedule.ts';
import classes from './trigger-fields.module.css';
import { readRhythm, rhythms, writeRhythm, type Rhythm, type Times } from './rhythm.ts';
import type { ScheduleForm } from './use-schedule-form.ts';

const grow = { flex: '1 1 11rem' };

export function TriggerFields({
  form: { fields },
  row,
}: {
  readonly form: ScheduleForm;
  readonly row: number;
}) {
  const path = `triggers.${row}.expression`;
  const { expression = '', timezone } = fields.values.triggers[row] ?? {};
  // Who asked for cron goes on with it, whatever is typed.
  const [isCron, setIsCron] = useState(false);
  const times = readRhythm(expression);
  const rhythm: Rhythm = isCron ? 'cron' : times.rhythm;
  const choose = (next: Rhythm) => {
    setIsCron(next === 'cron');
    const written = writeRhythm({ ...times, rhythm: next });
    if (written !== null) fields.setFieldValue(path, written);
  };
  const say = (change: Partial<Times>) =>
    fields.setFieldValue(path, writeRhythm({ ...times, ...change }) ?? expression);
  return (
    <Group align="flex-start" wrap="wrap">
      <Select
        label={text.rhythm(row + 1)}
        data={rhythms.map((value) => ({ value, label: text.rhythms[value] }))}
        value={rhythm}
        onChange={(value) => choose(value ?? 'cron')}
        allowDeselect={false}
        style={grow}
      />
      {rhythm === 'cron' ? (
        <TextInput
          label={text.expression(row + 1)}
          description={text.expressionHelp}
          style={grow}
          {...fields.getInputProps(path)}
        />
      ) : (
        <Parts row={row} times={times} onSay={say} error={fields.errors[path]} />
      )}
      <Select
        label={text.zone(row + 1)}
        data={listZones(timezone)}
        searchable
        allowDeselect={false}
        limit={60}
        style={grow}
        {...fields.getInputProps(`triggers.${row}.timezone`)}
      />
      {fields.values.triggers.length > 1 && (
        <ActionIcon
          variant="default"
          size={36}
          mt={25}
          aria-label={text.removeTime(row + 1)}
          onClick={() => fields.removeListItem('triggers', row)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

interface PartsProps {
  readonly row: number;
  readonly times: Times;
  readonly error: ReactNode;
  onSay(change: Partial<Times>): void;
}

function Parts({ row, times: { rhythm, clock, weekday, monthDay }, error, onSay }: PartsProps) {
  return (
    <>
      {rhythm === 'week' && (
        <Select
          label={text.weekday(row + 1)}
          data={text.weekdays.map((label, value) => ({ value: String(value), label }))}
          value={String(weekday)}
          onChange={(value) => onSay({ weekday: Number(value) })}
          allowDeselect={false}
          style={grow}
        />
      )}
      {rhythm === 'month' && (
        <NumberInput
          label={text.monthDay(row + 1)}
          description={monthDay > 28 ? text.monthDayHint : undefined}
          min={1}
          max={31}
          clampBehavior="strict"
          value={monthDay}
          onChange={(value) => value !== '' && onSay({ monthDay: Number(value) })}
          style={grow}
        />
      )}
      {rhythm === 'hour' ? (
        <NumberInput
          label={text.minute(row + 1)}
          min={0}
          max={59}
          clampBehavior="strict"
          value={Number(clock.slice(3))}
          onChange={(value) => value !== '' && onSay({ clock: `00:${value}` })}
          error={error}
          style={grow}
        />
      ) : (
        <TextInput
          type="time"
          classNames={{ input: classes['clock'] ?? '' }}
          label={text.clock(row + 1)}
          value={clock}
          onChange={({ currentTarget: { value } }) => value !== '' && onSay({ clock: value })}
          error={error}
          style={grow}
        />
      )}
    </>
  );
}
