// The fields that narrow the list of deliveries.
import { Checkbox, Group, MultiSelect, NativeSelect, Select, TextInput } from '@mantine/core';
import { outcomeReasons } from '@flowhook/contract/webhook/exchange';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { deliveryStates } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useEndpoint } from '../../api/query.ts';
import { timeRangeNames } from '../../parts/time/time-range.ts';
import { useTypedText } from '../../parts/form/typed-text.ts';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { outcomeText } from '../../text/webhook/outcome.ts';
import { stateText } from '../../text/state.ts';
import { timeRangeText } from '../../text/time-range.ts';
import type { DeliveryFilter } from './delivery-filter.ts';
import { TimeSpan } from './time-span.tsx';

export interface FieldProps {
  readonly filter: DeliveryFilter;
  onChange(change: DeliveryFilter): void;
}

/** More flows or tasks than this are found by the search field. */
const max = 1000;
const width = { base: '100%', xs: 170 };

export default function DeliveryFilterFields({ filter, onChange }: FieldProps) {
  return (
    <Group gap="xs" align="flex-end">
      <MultiSelect
        label={deliveryText.state}
        placeholder={filter.state === undefined ? deliveryText.anyState : ''}
        data={deliveryStates.map((value) => ({ value, label: stateText[value] ?? value }))}
        value={filter.state?.split(',') ?? []}
        onChange={(states) => onChange({ state: states.join(',') })}
        w={{ base: '100%', xs: 210 }}
        clearable
        clearButtonProps={{ 'aria-label': deliveryText.clearOf(deliveryText.state) }}
      />
      <FlowField filter={filter} onChange={onChange} />
      <TaskField filter={filter} onChange={onChange} />
      <TextField label={deliveryText.host} value={filter.host ?? ''} onTyped={(host) => onChange({ host })} />
      <TextField
        label={deliveryText.status}
        value={filter.status ?? ''}
        onTyped={(status) => onChange({ status })}
        narrow
      />
      <NativeSelect
        label={deliveryText.reason}
        value={filter.reason ?? ''}
        onChange={({ currentTarget }) => onChange({ reason: currentTarget.value })}
        data={[
          { value: '', label: deliveryText.anyReason },
          ...outcomeReasons.map((value) => ({ value, label: outcomeText[value] ?? value })),
        ]}
        w={width}
      />
      <TimeField filter={filter} onChange={onChange} />
      <Checkbox
        label={deliveryText.heldOnly}
        checked={filter.held === 'true'}
        onChange={({ currentTarget }) => onChange({ held: currentTarget.checked ? 'true' : '' })}
        pb={8}
      />
    </Group>
  );
}

function FlowField({ filter, onChange }: FieldProps) {
  const flows = useEndpoint(flowEndpoints.list, { query: { limit: max, sort: 'name', fields: 'name' } });
  return (
    <Select
      label={deliveryText.flow}
      placeholder={deliveryText.anyFlow}
      data={(flows.data?.data ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
      value={filter.flow ?? null}
      // A task belongs to one flow: of another it would find nothing.
      onChange={(flow) => onChange({ flow: flow ?? '', task: '' })}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': deliveryText.clearOf(deliveryText.flow) }}
      w={width}
    />
  );
}

function TaskField({ filter, onChange }: FieldProps) {
  const tasks = useEndpoint(webhookTaskEndpoints.list, { query: { limit: max, sort: 'name' } });
  const own = (tasks.data?.data ?? []).filter(
    ({ flow }) => filter.flow === undefined || String(flow.id) === filter.flow,
  );
  return (
    <Select
      label={deliveryText.task}
      placeholder={deliveryText.anyTask}
      data={own.map(({ id, name }) => ({ value: String(id), label: name }))}
      value={filter.task ?? null}
      onChange={(task) => onChange({ task: task ?? '' })}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': deliveryText.clearOf(deliveryText.task) }}
      w={width}
    />
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly narrow?: boolean;
  onTyped(value: string): void;
}

function TextField({ label, value, narrow = false, onTyped }: TextFieldProps) {
  const typed = useTypedText(value, onTyped);
  return <TextInput label={label} w={narrow ? { base: '100%', xs: 110 } : width} {...typed} />;
}

function TimeField({ filter, onChange }: FieldProps) {
  const { since, from, to } = filter;
  const own = since === 'own' || from !== undefined || to !== undefined;
  return (
    <>
      <NativeSelect
        label={deliveryText.time}
        value={own ? 'own' : (since ?? '')}
        onChange={({ currentTarget }) => onChange({ since: currentTarget.value, from: '', to: '' })}
        data={[
          { value: '', label: deliveryText.anyTime },
          ...timeRangeNames.map((value) => ({ value, label: timeRangeText[value].long })),
          { value: 'own', label: deliveryText.ownTime },
        ]}
        w={width}
      />
      {own && <TimeSpan from={from} to={to} onChange={onChange} />}
    </>
  );
}
