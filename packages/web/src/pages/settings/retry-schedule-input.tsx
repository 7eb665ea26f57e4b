// The retry schedule: the wait before each further attempt, and what they come to.
import { ActionIcon, Alert, Button, Input, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatDuration } from '../../parts/time/format.ts';
import { IconPlus, IconX } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';
import { SpanInput } from '../../parts/form/span-input.tsx';

interface RetryScheduleInputProps {
  readonly label: string;
  readonly description: string;
  /** Seconds. */
  readonly value: readonly number[];
  /** Seconds, after which nothing is attempted. */
  readonly maximumAge: number;
  readonly error?: ReactNode;
  readonly 'data-path'?: string;
  errorOf(index: number): ReactNode;
  onChange(value: readonly number[]): void;
}

export function RetryScheduleInput(props: RetryScheduleInputProps) {
  const { label, description, value, maximumAge, error, errorOf, onChange } = props;
  const path = props['data-path'] ?? '';
  const span = value.reduce((sum, wait) => sum + wait, 0);
  const set = (index: number, wait: number) =>
    onChange(value.map((each, other) => (other === index ? wait : each)));
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={description}
      error={error}
      component="fieldset"
      aria-label={label}
      data-path={path}
      style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}
    >
      <Stack gap={4} my={6}>
        {value.map((wait, index) => (
          <SpanInput
            // oxlint-disable-next-line react/no-array-index-key -- Waits have no other identity.
            key={`${index} of ${value.length}`}
            quiet
            label={settingText.wait(index + 2)}
            value={wait}
            error={errorOf(index)}
            data-path={`${path}.${index}`}
            onChange={(next) => set(index, next as number)}
            after={
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={settingText.removeWait(index + 2)}
                disabled={value.length === 1}
                onClick={() => onChange(value.filter((_, other) => other !== index))}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            }
          />
        ))}
        <Button
          variant="default"
          size="xs"
          w="max-content"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...value, value.at(-1) ?? 60])}
        >
          {settingText.addWait}
        </Button>
        {Number.isFinite(span) && (
          <Text size="sm" aria-live="polite">
            {settingText.schedule(value.length + 1, formatDuration(span * 1000))}
          </Text>
        )}
        {span > maximumAge && <Alert color="yellow">{settingText.beyondAge}</Alert>}
      </Stack>
    </Input.Wrapper>
  );
}
