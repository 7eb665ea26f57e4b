// Makes a flow, or gives one another name and description.
import { Modal, Textarea, TextInput } from '@mantine/core';
import { flowCreate, flowEndpoints } from '@flowhook/contract/flow/flow';
import { useChange } from '../../api/query.ts';
import { useGo } from '../../parts/page/address.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { flowText } from '../../text/flow.ts';
import { partText } from '../../text/part.ts';
import { toBody, toValues, type NamedFlow } from './flow-value.ts';

interface FlowDialogProps {
  /** The flow that is changed; a new one without it. */
  readonly flow?: NamedFlow & { readonly id: number };
  onClose(): void;
}

export default function FlowDialog({ flow, onClose }: FlowDialogProps) {
  const go = useGo();
  const create = useChange(flowEndpoints.create, { onDone: ({ id }) => go(`/flows/${id}`) });
  const change = useChange(flowEndpoints.change);
  const form = useContractForm({
    schema: flowCreate,
    initialValues: toValues(flow ?? { name: '', description: null }),
    toBody,
    submit: async (body) => {
      // A new one is gone to: there is nothing left to close.
      if (flow === undefined) return void (await create.mutateAsync({ body }));
      await change.mutateAsync({ params: { id: flow.id }, body });
      onClose();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={flow === undefined ? flowText.createTitle : flowText.renameTitle}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <ContractForm
        form={form}
        submitLabel={flow === undefined ? flowText.make : partText.save}
        onCancel={onClose}
      >
        <TextInput label={flowText.name} data-autofocus {...form.fields.getInputProps('name')} />
        <Textarea
          label={flowText.description}
          autosize
          minRows={2}
          maxRows={8}
          {...form.fields.getInputProps('description')}
        />
      </ContractForm>
    </Modal>
  );
}
