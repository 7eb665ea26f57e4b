// A list of texts: a line each, with a button to remove it and one to add another.
import { ActionIcon, Button, Group, Input, Stack, Text, TextInput } from '@mantine/core';
import { useRef, type ReactNode } from 'react';
import { IconPlus, IconX } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';

interface ListInputProps {
  readonly label: string;
  readonly description: string;
  readonly value: readonly string[];
  readonly placeholder?: string;
  /** A fault of the list as a whole. */
  readonly error?: ReactNode;
  readonly 'data-path'?: string;
  errorOf(index: number): ReactNode;
  onChange(value: readonly string[]): void;
}

export function ListInput(props: ListInputProps) {
  const { label, description, value, placeholder, error, errorOf, onChange } = props;
  const path = props['data-path'] ?? '';
  const place = useRef<HTMLFieldSetElement>(null);
  const focusLine = (index: number) =>
    requestAnimationFrame(() => place.current?.querySelectorAll('input')[index]?.focus());
  const add = () => {
    onChange([...value, '']);
    focusLine(value.length);
  };
  const remove = (index: number) => {
    onChange(value.filter((_, each) => each !== index));
    if (value.length > 1) focusLine(Math.max(0, index - 1));
    else requestAnimationFrame(() => place.current?.querySelector('button')?.focus());
  };
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={description}
      error={error}
      data-path={path}
      component="fieldset"
      ref={place as never}
      aria-label={label}
      style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}
    >
      <Stack gap="xs" my={6}>
        {value.length === 0 && (
          <Text size="sm" c="dimmed">
            {settingText.noEntries}
          </Text>
        )}
        {value.map((text, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- Lines have no other identity.
          <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              aria-label={settingText.entry(label, index + 1)}
              data-path={`${path}.${index}`}
              value={text}
              placeholder={placeholder}
              error={errorOf(index) ?? (error !== undefined && error !== null)}
              spellCheck={false}
              onChange={({ currentTarget }) =>
                onChange(value.map((each, other) => (other === index ? currentTarget.value : each)))
              }
              flex={1}
              miw={0}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={settingText.removeEntry(label, index + 1)}
              onClick={() => remove(index)}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="default"
          size="xs"
          w="max-content"
          leftSection={<IconPlus size={14} aria-hidden />}
          aria-label={settingText.addTo(label)}
          onClick={add}
        >
          {settingText.add}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
