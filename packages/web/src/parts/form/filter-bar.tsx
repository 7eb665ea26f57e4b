// The bar over a table: a search field that waits for a pause, more filters, and a way to clear them all.
import { Button, Group, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { partText } from '../../text/part.ts';
import { IconSearch, IconX } from '../icon.ts';
import { useTypedText } from './typed-text.ts';

interface FilterBarProps {
  readonly search?: {
    readonly label: string;
    readonly value: string;
    onChange(value: string): void;
  };
  /** Shows the button that clears them. */
  readonly active: boolean;
  onClear(): void;
  readonly children?: ReactNode;
}

export function FilterBar({ search, active, onClear, children }: FilterBarProps) {
  return (
    <Group role="search" aria-label={search?.label ?? partText.filters} gap="xs" align="flex-end">
      {search !== undefined && <SearchField {...search} />}
      {children}
      {active && (
        <Button variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={onClear}>
          {partText.clearFilters}
        </Button>
      )}
    </Group>
  );
}

function SearchField({ label, value, onChange }: NonNullable<FilterBarProps['search']>) {
  const typed = useTypedText(value, onChange);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      {...typed}
      w={{ base: '100%', xs: 340 }}
    />
  );
}
