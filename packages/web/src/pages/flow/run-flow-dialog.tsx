// Runs all outputs of a flow, with other values for its parameters where they are wanted.
import { Modal, Text, TextInput } from '@mantine/core';
import type { z } from 'zod';
import { flowParameterEndpoints, type flowParameter } from '@flowhook/contract/flow/flow-parameter';
import { flowRunCreate, flowRunEndpoints } from '@flowhook/contract/job/flow-run';
import { useChange, useEndpoint } from '../../api/query.ts';
import { useGo } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { partText } from '../../text/part.ts';
import { flowRunText } from '../../text/schedule.ts';

type Parameter = z.output<typeof flowParameter>;

export default function RunFlowDialog({ flowId, onClose }: { readonly flowId: number; onClose(): void }) {
  const parameters = useEndpoint(flowParameterEndpoints.list, { params: { id: flowId } });
  return (
    <Modal
      opened
      onClose={onClose}
      title={flowRunText.runFlow}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <Answer of={parameters}>
        {({ data }) => <RunForm flowId={flowId} parameters={data} onClose={onClose} />}
      </Answer>
    </Modal>
  );
}

interface RunFormProps {
  readonly flowId: number;
  readonly parameters: readonly Parameter[];
  onClose(): void;
}

function RunForm({ flowId, parameters, onClose }: RunFormProps) {
  const go = useGo();
  const run = useChange(flowRunEndpoints.create, {
    refreshes: ['/v4/jobGroups'],
    onDone: ({ flowRunId }) => go(`/flow-runs/${flowRunId}`),
  });
  const form = useContractForm({
    schema: flowRunCreate,
    initialValues: { values: parameters.map(({ defaultValue }) => defaultValue) },
    fieldOf: Object.fromEntries(
      parameters.map((_, index) => [`runParameters.overrides.data[${index}].value`, `values[${index}]`]),
    ),
    toBody: ({ values }) => ({
      ranfrom: 'ui' as const,
      runParameters: {
        overrides: { data: parameters.map(({ name: key }, index) => ({ key, value: values[index] })) },
      },
    }),
    submit: (body) => run.mutateAsync({ params: { id: flowId }, body }),
  });
  return (
    <ContractForm form={form} submitLabel={flowRunText.run} onCancel={onClose}>
      <Text size="sm">{flowRunText.runDetail}</Text>
      {parameters.map(({ id, name, description }, index) => (
        <TextInput
          key={id}
          label={name}
          description={description}
          {...form.fields.getInputProps(`values.${index}`)}
        />
      ))}
    </ContractForm>
  );
}
