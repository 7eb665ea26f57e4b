// Makes an environment parameter.
import { TextInput } from '@mantine/core';
import { environmentParameterEndpoints as endpoints } from '@flowhook/contract/flow/flow-parameter';
import { useChange } from '../../api/query.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FormDialog } from '../../parts/form/form-dialog.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { environmentText } from '../../text/schedule.ts';

export default function NewEnvironmentDialog({ onClose }: { onClose(): void }) {
  const create = useChange(endpoints.create);
  const form = useContractForm({
    schema: endpoints.create.body,
    initialValues: { overrideKey: 'env.', value: '' },
    submit: async (body) => {
      await create.mutateAsync({ body });
      onClose();
    },
  });
  return (
    <FormDialog form={form} onClose={onClose} title={environmentText.create}>
      <ContractForm form={form} submitLabel={environmentText.make} onCancel={onClose}>
        <TextInput
          label={environmentText.key}
          description={environmentText.keyHelp}
          data-autofocus
          {...form.fields.getInputProps('overrideKey')}
        />
        <TextInput label={environmentText.value} {...form.fields.getInputProps('value')} />
      </ContractForm>
    </FormDialog>
  );
}
