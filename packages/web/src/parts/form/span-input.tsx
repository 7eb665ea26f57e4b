// A span of time: a number and its unit, as seconds.
import { Group, Input, NativeSelect } from '@mantine/core';
import { useId, useState, type ReactNode } from 'react';
import { partText } from '../../text/part.ts';
import { chooseUnit, toSeconds, toUnit, unitSeconds, type Unit } from './span.ts';

interface SpanInputProps {
  readonly label: string;
  readonly description?: string;
  /** Seconds; a text that is no number stays as it was typed, and the form says so. */
  readonly value: number | string;
  readonly error?: ReactNode;
  readonly 'data-path'?: string;
  /** True where it is one of several under a common label. */
  readonly quiet?: boolean;
  /** What stands behind the unit. */
  readonly after?: ReactNode;
  onChange(value: number | string): void;
}

const units = Object.keys(unitSeconds).map((value) => ({ value, label: partText.units[value as Unit] }));

export function SpanInput({
  label,
  description,
  value,
  error,
  quiet = false,
  after,
  ...rest
}: SpanInputProps) {
  const id = useId();
  const [unit, setUnit] = useState<Unit>(() => chooseUnit(Number(value)));
  const shown = typeof value === 'number' ? String(toUnit(value, unit)) : value;
  const [typed, setTyped] = useState(shown);
  const isSame = typeof value === 'string' ? typed === value : toSeconds(Number(typed), unit) === value;
  const tell = (text: string, inUnit: Unit) => {
    setTyped(text);
    const amount = Number(text);
    rest.onChange(text.trim() === '' || Number.isNaN(amount) ? text : toSeconds(amount, inUnit));
  };
  return (
    <Input.Wrapper
      id={id}
      label={label}
      description={description}
      error={error}
      labelProps={quiet ? { fw: 400 } : {}}
    >
      <Group gap="xs" wrap="nowrap" my={4}>
        <Input
          data-path={rest['data-path']}
          inputMode="decimal"
          error={error}
          value={isSame ? typed : shown}
          onChange={({ currentTarget }) => tell(currentTarget.value, unit)}
          w="8rem"
          m={0}
        />
        <NativeSelect
          aria-label={partText.unitOf(label)}
          data={units}
          value={unit}
          onChange={({ currentTarget }) => {
            const next = currentTarget.value as Unit;
            setUnit(next);
            tell(isSame ? typed : shown, next);
          }}
          w="7.5rem"
        />
        {after}
      </Group>
    </Input.Wrapper>
  );
}
