// Copies a flow: under which name, with datasets of one's own or not, with webhook tasks or not.
import { Checkbox, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { flowCopy, flowTransferEndpoints } from '@flowhook/contract/flow/flow-transfer';
import { useFlowRights } from '../../api/flow-right.ts';
import { useChange } from '../../api/query.ts';
import { useGo } from '../../parts/page/address.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FormDialog } from '../../parts/form/form-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { transferText as text } from '../../text/transfer.ts';

interface CopyDialogProps {
  readonly flow: { readonly id: number; readonly name: string; readonly description: string | null };
  onClose(): void;
}

export default function CopyDialog({ flow, onClose }: CopyDialogProps) {
  const go = useGo();
  const rights = useFlowRights(flow.id);
  const copy = useChange(flowTransferEndpoints.copy, { refreshes: ['/v4/importedDatasets'] });
  const form = useContractForm({
    schema: flowCopy,
    initialValues: {
      name: text.copyNameOf(flow.name).slice(0, 255),
      description: flow.description ?? '',
      copyDatasources: false,
      copyWebhooks: false,
    },
    submit: async (body, { copyWebhooks }) => {
      const made = await copy.mutateAsync({ params: { id: flow.id }, body });
      notifyDone(text.copied(made.name));
      onClose();
      // What came disabled is seen at once.
      go(`/flows/${made.id}`, { search: { panel: copyWebhooks ? 'webhooks' : undefined } });
    },
  });
  const { getInputProps } = form.fields;
  return (
    <FormDialog form={form} onClose={onClose} title={text.copyTitle(flow.name)}>
      <Stack>
        <Text size="sm">{text.copyDetail}</Text>
        <ContractForm form={form} submitLabel={text.copySubmit} onCancel={onClose}>
          <TextInput label={text.copyName} data-autofocus {...getInputProps('name')} />
          <Textarea
            label={text.description}
            autosize
            minRows={2}
            maxRows={8}
            {...getInputProps('description')}
          />
          <Checkbox
            label={text.copyDatasets}
            description={text.copyDatasetsHint}
            {...getInputProps('copyDatasources', { type: 'checkbox' })}
          />
          <Checkbox
            label={text.copyTasks}
            description={rights.run && !rights.change ? text.copyTasksDenied : text.copyTasksHint}
            disabled={!rights.change}
            {...getInputProps('copyWebhooks', { type: 'checkbox' })}
          />
        </ContractForm>
      </Stack>
    </FormDialog>
  );
}
