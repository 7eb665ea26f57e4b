// Makes a flow, or gives one another name and description.
import { Modal, Textarea, TextInput } from '@mantine/core';
import { flowCreate, flowEndpoints } from '@flowhook/contract/flow/flow';
import { call } from '../../api/call.ts';
import { useChange, useEndpoint } from '../../api/query.ts';
import { stampOf, versionOf } from '../../api/version.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { useGo } from '../../parts/page/address.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FormDialog } from '../../parts/form/form-dialog.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { flowText } from '../../text/flow.ts';
import { partText } from '../../text/part.ts';
import { toBody, toValues, type NamedFlow } from './flow-value.ts';

interface FlowDialogProps {
  /** The flow that is changed; a new one without it. */
  readonly flow?: NamedFlow & { readonly id: number };
  onClose(): void;
}

/** One that is changed is read by itself: in a list it has no version. */
export default function FlowDialog({ flow, onClose }: FlowDialogProps) {
  return flow === undefined ? <Fields onClose={onClose} /> : <Reading id={flow.id} onClose={onClose} />;
}

function Reading({ id, onClose }: { readonly id: number; onClose(): void }) {
  const flow = useEndpoint(flowEndpoints.get, { params: { id } });
  if (flow.data !== undefined) return <Fields flow={flow.data} onClose={onClose} />;
  if (flow.error === null) return null;
  return (
    <Modal opened onClose={onClose} title={flowText.renameTitle}>
      <Answer of={flow}>{() => null}</Answer>
    </Modal>
  );
}

async function readAgain(id: number) {
  const flow = await call(flowEndpoints.get, { params: { id } });
  return { values: toValues(flow), ...stampOf(flow) };
}

function Fields({ flow, onClose }: FlowDialogProps) {
  const go = useGo();
  const create = useChange(flowEndpoints.create, { onDone: ({ id }) => go(`/flows/${id}`) });
  const change = useChange(flowEndpoints.change);
  const form = useContractForm({
    schema: flowCreate,
    initialValues: toValues(flow ?? { name: '', description: null }),
    toBody,
    thing: flow && {
      labels: { name: flowText.name, description: flowText.description },
      flowId: flow.id,
      version: versionOf(flow),
      read: () => readAgain(flow.id),
    },
    submit: async (body, _, held) => {
      // A new one is gone to: there is nothing left to close.
      if (flow === undefined) return void (await create.mutateAsync({ body }));
      await change.mutateAsync({ params: { id: flow.id }, body, ...held });
      onClose();
    },
  });
  return (
    <FormDialog
      form={form}
      onClose={onClose}
      title={flow === undefined ? flowText.createTitle : flowText.renameTitle}
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
    </FormDialog>
  );
}
