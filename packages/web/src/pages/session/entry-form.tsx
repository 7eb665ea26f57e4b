// The form of a way in. It has no schema: the server judges, and its faults stand at their fields.
import { Box, Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { FieldFault, Problem } from '@flowhook/client/problem';
import { toProblem } from '../../api/api-problem.ts';
import { toErrors } from '../../parts/form/form-fault.ts';
import { ProblemAlert } from '../../parts/page/problem-alert.tsx';

export interface EntryField<Name extends string> {
  readonly name: Name;
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  readonly autoComplete: string;
  readonly description?: string;
  /** What stands in it at first. */
  readonly value?: string;
  /** True where a dialog is begun at this field. */
  readonly isFirst?: boolean;
}

type Values<Name extends string> = Readonly<Record<Name, string>>;

interface EntryFormProps<Name extends string> {
  readonly fields: readonly EntryField<Name>[];
  readonly submitLabel: string;
  /** What only the page knows to be wrong. */
  check?(values: Values<Name>): readonly FieldFault[];
  /** Throws a Problem. What resolves leads on: until then the button stays pressed. */
  submit(values: Values<Name>): Promise<void>;
}

export function EntryForm<Name extends string>(props: EntryFormProps<Name>) {
  const { fields, submitLabel, check, submit } = props;
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [pending, setPending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const refusal = useRef<HTMLDivElement>(null);
  // The focus goes to the field at fault, or where it has none, to what was refused.
  useEffect(() => {
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (Object.keys(errors).length > 0) field?.focus();
    else if (problem !== null) refusal.current?.focus();
    // oxlint-disable-next-line react/exhaustive-deps -- Not when a fault goes as its field is typed into.
  }, [problem]);

  async function send(values: Values<Name>): Promise<void> {
    setPending(true);
    try {
      await submit(values);
    } catch (error) {
      refuse(toProblem(error));
      setPending(false);
    }
  }
  function refuse(told: Problem): void {
    setErrors(toErrors(told.faults));
    setProblem(told);
  }
  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (pending) return;
    const values = readValues(event.currentTarget, fields);
    const faults = check?.(values) ?? [];
    setErrors(toErrors(faults));
    setProblem(null);
    if (faults.length === 0) void send(values);
    else form.current?.querySelector<HTMLElement>(`[name="${faults[0]!.field}"]`)?.focus();
  }
  const isField = (name: string) => fields.some((field) => field.name === name);
  return (
    <form ref={form} onSubmit={onSubmit} noValidate>
      <Stack>
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            error={errors[field.name]}
            onChange={() => setErrors(({ [field.name]: _, ...rest }) => rest)}
          />
        ))}
        <Stack gap="xs">
          {problem !== null && !isToldAtFields(problem, isField) && (
            <Box ref={refusal} tabIndex={-1}>
              <ProblemAlert problem={problem} shownElsewhere={isField} />
            </Box>
          )}
          <Group justify="flex-end" gap="xs">
            <Button type="submit" loading={pending}>
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </Stack>
    </form>
  );
}

function isToldAtFields({ faults }: Problem, isField: (name: string) => boolean): boolean {
  return faults.length > 0 && faults.every(({ field }) => isField(field));
}

interface FieldInputProps {
  readonly field: EntryField<string>;
  readonly error: string | undefined;
  onChange(): void;
}

function FieldInput({ field, error, onChange }: FieldInputProps) {
  const { type, value = '', isFirst = false, description, ...rest } = field;
  const given = {
    ...rest,
    defaultValue: value,
    error,
    onChange,
    ...(description !== undefined && { description }),
    ...(isFirst && { 'data-autofocus': true }),
  };
  return type === 'password' ? <PasswordInput {...given} /> : <TextInput type={type} {...given} />;
}

function readValues<Name extends string>(
  form: HTMLFormElement,
  fields: readonly EntryField<Name>[],
): Values<Name> {
  const given = new FormData(form);
  const read = fields.map(({ name }) => [name, readText(given.get(name))]);
  return Object.fromEntries(read) as Record<Name, string>;
}

function readText(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}
