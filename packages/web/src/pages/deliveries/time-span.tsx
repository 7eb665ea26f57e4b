// From one time to another, in the viewer's zone.
import { TextInput } from '@mantine/core';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { toLocalInput, toTime } from './local-time.ts';

interface TimeSpanProps {
  /** ISO 8601. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  onChange(change: { from?: string; to?: string }): void;
}

export function TimeSpan({ from, to, onChange }: TimeSpanProps) {
  return (
    <>
      <TextInput
        type="datetime-local"
        label={deliveryText.from}
        value={toLocalInput(from)}
        onChange={({ currentTarget }) => onChange({ from: toTime(currentTarget.value) })}
      />
      <TextInput
        type="datetime-local"
        label={deliveryText.to}
        value={toLocalInput(to)}
        onChange={({ currentTarget }) => onChange({ to: toTime(currentTarget.value) })}
      />
    </>
  );
}
