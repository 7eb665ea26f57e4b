// Shares a flow with somebody, who is found by a part of their name or email.
import { Autocomplete, NativeSelect, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { flowPermissionEndpoints, flowPermissionsGiven } from '@flowhook/contract/flow/flow-permission';
import { useChange, useEndpoint } from '../../api/query.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FormDialog } from '../../parts/form/form-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { sharingText as text } from '../../text/sharing.ts';

interface AddPersonDialogProps {
  readonly flowId: number;
  onClose(): void;
}

interface Given {
  readonly email: string;
  readonly role: 'readOnly' | 'collaborator';
  readonly [name: string]: string;
}

const start: Given = { email: '', role: 'readOnly' };
const pauseMs = 200;
const roleChoices = (['readOnly', 'collaborator'] as const).map((value) => ({
  value,
  label: text.roles[value],
}));

export default function AddPersonDialog({ flowId, onClose }: AddPersonDialogProps) {
  const give = useChange(flowPermissionEndpoints.give);
  const form = useContractForm({
    schema: flowPermissionsGiven,
    initialValues: start,
    toBody: ({ email, role }) => ({ data: [{ email: email.trim(), role }] }),
    fieldOf: { 'data[0].email': 'email', 'data[0].role': 'role' },
    submit: async (body, { email }) => {
      const { data } = await give.mutateAsync({ params: { id: flowId }, body });
      const added = data.find(({ person }) => person.email === email.trim().toLowerCase());
      notifyDone(text.added(added?.person.name ?? email));
      onClose();
    },
  });
  const { email } = form.fields.values;
  const [filter] = useDebouncedValue(email.trim(), pauseMs);
  const found = useEndpoint(
    flowPermissionEndpoints.candidates,
    { params: { id: flowId }, query: { filter } },
    { keepPrevious: true },
  );
  const people = found.data?.data ?? [];
  const nobody = filter !== '' && found.isSuccess && !found.isPlaceholderData && people.length === 0;
  return (
    <FormDialog form={form} onClose={onClose} title={text.addTitle}>
      <ContractForm form={form} submitLabel={text.addSubmit} onCancel={onClose}>
        <Autocomplete
          label={text.who}
          description={nobody ? text.whoNone : text.whoHint}
          data={people.map((person) => person.email)}
          // The server has looked already.
          filter={({ options }) => options}
          renderOption={({ option }) => (
            <div>
              <Text size="sm">{people.find((person) => person.email === option.value)?.name}</Text>
              <Text size="xs" c="dimmed">
                {option.value}
              </Text>
            </div>
          )}
          autoComplete="off"
          data-autofocus
          {...form.fields.getInputProps('email')}
        />
        <NativeSelect
          label={text.role}
          description={text.meaning[form.fields.values.role]}
          data={roleChoices}
          {...form.fields.getInputProps('role')}
        />
      </ContractForm>
    </FormDialog>
  );
}
