// What a task waits for: the kind of condition, and the fields that this kind has.
import { Checkbox, Group, NativeSelect, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { SpanInput } from '../../../parts/form/span-input.tsx';
import { listZones, viewerZone } from '../../../parts/form/time-zone.ts';
import { conditionText as text } from '../../../text/webhook/webhook-condition.ts';
import { chooseKind, eventsOf, type ConditionValues } from '../condition-values.ts';
import { CronTimes } from '../cron-times.tsx';
import classes from '../task-drawer.module.css';
import type { TaskForm } from '../use-task-form.ts';

type Fields = TaskForm['fields'];
type Kind = ConditionValues['kind'];

const kinds = Object.entries(text.kinds).map(([value, label]) => ({ value, label }));

export function ConditionSection({ fields }: { readonly fields: Fields }) {
  const { kind } = fields.values.condition;
  const KindInputs = inputsOf[kind];
  return (
    <>
      <NativeSelect
        label={text.label}
        description={text.help[kind]}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={kinds}
        value={kind}
        onChange={({ currentTarget }) => {
          const chosen = currentTarget.value as Kind;
          change(fields, chooseKind(fields.values.condition, chosen, viewerZone));
        }}
      />
      {KindInputs !== null && (
        <Stack gap="sm" className={classes['condition'] ?? ''}>
          <KindInputs key={kind} fields={fields} />
        </Stack>
      )}
    </>
  );
}

/** A trigger event that could never meet the condition gives way to one that can. */
function change(fields: Fields, condition: ConditionValues): void {
  const events = eventsOf(condition);
  const { triggerEvent } = fields.values;
  fields.setValues({
    condition,
    ...(!events.includes(triggerEvent) && { triggerEvent: events[0]! }),
  });
  fields.clearErrors();
}

type Inputs = (props: { readonly fields: Fields }) => ReactNode;

/** What is asked about a kind; null where nothing is. */
const inputsOf: Readonly<Record<Kind, Inputs | null>> = {
  '': null,
  recovered: Compared,
  failuresInRow: FailureFields,
  longerThan: DurationFields,
  notRefreshedBy: CronFields,
  notRefreshedWithin: WithinFields,
  changed: ChangeFields,
  rowsOutside: BoundFields,
  rowsRejected: RejectFields,
  flowRunEnded: null,
};

function Compared() {
  return (
    <Text size="sm" c="dimmed">
      {text.compared}
    </Text>
  );
}

function RejectFields({ fields }: { readonly fields: Fields }) {
  const units = Object.entries(text.units).map(([value, label]) => ({ value, label }));
  return (
    <Group align="flex-start">
      <NumberInput label={text.above} min={0} w="12rem" {...fields.getInputProps('condition.above')} />
      <Select
        label={text.unit}
        data={units}
        allowDeselect={false}
        {...fields.getInputProps('condition.unit')}
      />
    </Group>
  );
}

function FailureFields({ fields }: { readonly fields: Fields }) {
  return (
    <>
      <NumberInput label={text.count} min={1} w="12rem" {...fields.getInputProps('condition.count')} />
      <Checkbox
        label={text.andFurther}
        {...fields.getInputProps('condition.andFurther', { type: 'checkbox' })}
      />
      <Compared />
    </>
  );
}

function DurationFields({ fields }: { readonly fields: Fields }) {
  const { condition } = fields.values;
  return (
    <>
      <Span fields={fields} label={text.seconds} />
      <Checkbox
        label={text.whileRunning}
        description={text.whileRunningHelp}
        checked={condition.whileRunning}
        onChange={({ currentTarget }) =>
          change(fields, { ...condition, whileRunning: currentTarget.checked })
        }
      />
    </>
  );
}

function Span({ fields, label }: { readonly fields: Fields; readonly label: string }) {
  const { seconds } = fields.values.condition;
  return <SpanInput label={label} {...fields.getInputProps('condition.seconds')} value={seconds} />;
}

function WithinFields({ fields }: { readonly fields: Fields }) {
  return <Span fields={fields} label={text.within} />;
}

function CronFields({ fields }: { readonly fields: Fields }) {
  const { cron, timezone } = fields.values.condition;
  return (
    <>
      <Group align="flex-start">
        <TextInput
          flex="1 1 14rem"
          label={text.cron}
          description={text.cronHelp}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="off"
          spellCheck={false}
          {...fields.getInputProps('condition.cron')}
        />
        <Select
          flex="1 1 10rem"
          label={text.timezone}
          data={listZones(timezone)}
          searchable
          allowDeselect={false}
          limit={60}
          {...fields.getInputProps('condition.timezone')}
        />
      </Group>
      <CronTimes cron={cron} timezone={timezone} />
    </>
  );
}

function ChangeFields({ fields }: { readonly fields: Fields }) {
  const toOptions = (words: Readonly<Record<string, string>>) =>
    Object.entries(words).map(([value, label]) => ({ value, label }));
  return (
    <>
      <Group align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
        <NativeSelect label={text.of} data={toOptions(text.ofs)} {...fields.getInputProps('condition.of')} />
        <NativeSelect
          label={text.direction}
          data={toOptions(text.directions)}
          {...fields.getInputProps('condition.direction')}
        />
        <NumberInput label={text.percent} min={0} {...fields.getInputProps('condition.percent')} />
      </Group>
      <Compared />
    </>
  );
}

function BoundFields({ fields }: { readonly fields: Fields }) {
  return (
    <>
      <Group align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
        <NumberInput label={text.min} min={0} {...fields.getInputProps('condition.min')} />
        <NumberInput label={text.max} min={0} {...fields.getInputProps('condition.max')} />
      </Group>
      <Text size="sm" c="dimmed">
        {text.bound}
      </Text>
    </>
  );
}
