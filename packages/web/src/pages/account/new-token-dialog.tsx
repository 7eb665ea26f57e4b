// Makes an access token, and shows its value this once.
import { Button, Checkbox, Group, Modal, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { accessTokenCreate, accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { useChange, useEndpoint } from '../../api/query.ts';
import { CodeBlock } from '../../parts/code/code-block.tsx';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { CopyButton } from '../../parts/code/copy-button.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { partText } from '../../text/part.ts';
import { tokenText } from '../../text/session.ts';

const day = 24 * 60 * 60;
const { lifetimes } = tokenText;
const choices = [
  { value: String(day), label: lifetimes.day },
  { value: String(7 * day), label: lifetimes.week },
  { value: String(90 * day), label: lifetimes.quarter },
  { value: String(365 * day), label: lifetimes.year },
  { value: '-1', label: lifetimes.ever },
];

export default function NewTokenDialog({ onClose }: { onClose(): void }) {
  const [value, setValue] = useState<string | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={value === null ? tokenText.createTitle : tokenText.createdTitle}
      closeButtonProps={{ 'aria-label': partText.close }}
      // A value that is shown once must not be lost by a click beside it.
      closeOnClickOutside={false}
      size="lg"
    >
      {value === null ? (
        <TokenForm onMade={setValue} onClose={onClose} />
      ) : (
        <Made value={value} onClose={onClose} />
      )}
    </Modal>
  );
}

function TokenForm({ onMade, onClose }: { onMade(value: string): void; onClose(): void }) {
  const flows = useEndpoint(flowEndpoints.list, { query: { noLimit: 'true', sort: 'name' } });
  const create = useChange(accessTokenEndpoints.create);
  const form = useContractForm({
    schema: accessTokenCreate,
    initialValues: {
      description: '',
      lifetimeSeconds: String(90 * day),
      readOnly: false,
      flowIds: [] as string[],
    },
    toBody: ({ lifetimeSeconds, flowIds, ...rest }) => ({
      ...rest,
      lifetimeSeconds: Number(lifetimeSeconds),
      ...(flowIds.length > 0 && { flowIds: flowIds.map(Number) }),
    }),
    submit: async (body) => onMade((await create.mutateAsync({ body })).tokenValue),
  });
  const { getInputProps } = form.fields;
  const options = flows.data?.data.map(({ id, name }) => ({ value: String(id), label: name })) ?? [];
  return (
    <ContractForm form={form} submitLabel={tokenText.make} onCancel={onClose}>
      <TextInput label={tokenText.description} data-autofocus {...getInputProps('description')} />
      <Select
        label={tokenText.lifetime}
        data={choices}
        allowDeselect={false}
        {...getInputProps('lifetimeSeconds')}
      />
      <MultiSelect
        label={tokenText.flows}
        description={tokenText.flowsHint}
        data={options}
        searchable
        {...getInputProps('flowIds')}
      />
      <Checkbox label={tokenText.readOnly} {...getInputProps('readOnly', { type: 'checkbox' })} />
    </ContractForm>
  );
}

function Made({ value, onClose }: { readonly value: string; onClose(): void }) {
  return (
    <Stack>
      <Text>{tokenText.createdDetail}</Text>
      <CodeBlock code={value} label={tokenText.tokenValue} wrap />
      <Group justify="flex-end">
        <CopyButton value={value} wide />
        <Button onClick={onClose}>{tokenText.done}</Button>
      </Group>
    </Stack>
  );
}
