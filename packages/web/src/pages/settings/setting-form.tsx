// A form over some of the workspace settings: labels here, help and checks from the contract, faults at their fields.
import { Box, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import { auditLogEndpoints } from '@flowhook/contract/workspace/audit-log';
import {
  workspaceEndpoints,
  workspaceSettings,
  workspaceSettingsChange,
  type WorkspaceSettingKey,
} from '@flowhook/contract/workspace/workspace';
import { useChange, useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { useContractForm, type ContractForm as FormState } from '../../parts/form/use-contract-form.ts';
import { partText } from '../../text/part.ts';
import { settingText } from '../../text/setting.ts';

export type Settings = z.output<typeof workspaceSettings>;
/** Names of the form's fields, and the settings that they hold: a form's own names have no dots. */
type Keys = Readonly<Record<string, WorkspaceSettingKey>>;
type Values<K extends Keys> = { [Name in keyof K]: Settings[K[Name]] };

export interface SettingFields<K extends Keys> {
  readonly values: Values<K>;
  /** What is saved now. */
  readonly saved: Values<K>;
  readonly form: FormState<Values<K>>;
  /** Label, help, value and fault for an input. */
  field(name: keyof K & string, type?: 'input' | 'checkbox'): SettingInput;
}

export interface SettingInput {
  readonly label: string;
  readonly description: string;
  // oxlint-disable typescript/no-explicit-any -- As the form library gives them.
  readonly value: any;
  readonly onChange: any;
  readonly [prop: string]: any;
  // oxlint-enable typescript/no-explicit-any
}

interface SettingFormProps<K extends Keys> {
  readonly keys: K;
  /** What is sent in place of the values as they were typed. */
  write?(values: Values<K>): Values<K>;
  readonly children: (fields: SettingFields<K>) => ReactNode;
}

export function SettingForm<K extends Keys>(props: SettingFormProps<K>) {
  const settings = useEndpoint(workspaceEndpoints.settings, {});
  return <Answer of={settings}>{(data) => <Fields {...props} settings={data} />}</Answer>;
}

function Fields<K extends Keys>(props: SettingFormProps<K> & { readonly settings: Settings }) {
  const { keys, settings, write = (values) => values, children } = props;
  const change = useChange(workspaceEndpoints.changeSettings, { refreshes: ['/v4/auditLog', '/v4/signIn'] });
  const saved = pick(keys, settings);
  const form = useContractForm({
    schema: workspaceSettingsChange,
    initialValues: saved,
    draft: { name: `settings.${Object.values(keys)[0]}`, strip: takeTyped },
    fieldOf: Object.fromEntries(Object.entries(keys).map(([name, key]) => [key, name])),
    toBody: (values) => listChanges(keys, write(values), settings),
    submit: async (body) => {
      if (Object.keys(body).length === 0) return notifyDone(settingText.unchanged);
      const now = pick(keys, await change.mutateAsync({ body }));
      form.fields.setInitialValues(now);
      form.fields.setValues(now);
      return notifyDone(settingText.saved);
    },
  });
  const field = (name: keyof K & string, type: 'input' | 'checkbox' = 'input'): SettingInput => ({
    value: undefined,
    label: settingText.labels[keys[name]!],
    description: helpOf(keys[name]!),
    ...form.fields.getInputProps(name, { type }),
  });
  const values = form.fields.getValues();
  return (
    <Box maw="44rem">
      <ContractForm form={form} submitLabel={partText.save}>
        <Stack gap="lg">{children({ values, saved, form, field })}</Stack>
      </ContractForm>
    </Box>
  );
}

function pick<K extends Keys>(keys: K, settings: Settings): Values<K> {
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, settings[key]])) as Values<K>;
}

/** Of a draft only what was typed is kept: what somebody else changes meanwhile stays as it is. */
function takeTyped<K extends Keys>(values: Values<K>, saved: Values<K>): Values<K> {
  const typed = Object.entries(values).filter(([name, value]) => !reads(value, saved[name as keyof K]));
  return Object.fromEntries(typed) as Values<K>;
}

/** A number may stand as the text that was typed. */
function reads(value: unknown, other: unknown): boolean {
  const write = (each: unknown) => JSON.stringify([each].flat().map(String));
  return write(value) === write(other);
}

/** Only what differs is sent: what somebody else changed meanwhile stays as it is. */
function listChanges<K extends Keys>(keys: K, values: Values<K>, settings: Settings): Partial<Settings> {
  const all = Object.entries(keys).map(([name, key]) => [key, values[name]] as const);
  return Object.fromEntries(
    all.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(settings[key])),
  );
}

/** The contract's words, without the marks of code, and without the API's unit: the field beside them has its own. */
function helpOf(key: WorkspaceSettingKey): string {
  const { description = '' } = workspaceSettings.shape[key];
  return description.replaceAll('`', '').replace(/, in (?:seconds|days)(?=\.)/u, '');
}

/** Who changed a setting last, and when; nothing where nobody did. */
export function LastChange({ of }: { readonly of: WorkspaceSettingKey | 'encryptionKey' }) {
  const objectKind = of === 'encryptionKey' ? of : `setting ${of}`;
  const found = useEndpoint(auditLogEndpoints.list, { query: { objectKind, limit: 1 } });
  const entry = found.data?.data[0];
  if (entry === undefined) return null;
  return (
    <Text size="xs" c="dimmed" mt={4}>
      {settingText.lastChange(entry.person?.name ?? settingText.byServer)} <Moment at={entry.at} />
    </Text>
  );
}
