// Makes a parameter of a flow, or changes one.
import { Modal, Select, TextInput } from '@mantine/core';
import { flowParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { useChange } from '../../api/query.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { partText } from '../../text/part.ts';
import { parameterText } from '../../text/schedule.ts';
import { newValues, toBody, toValues, type Parameter } from './parameter-value.ts';

interface ParameterDialogProps {
  readonly flowId: number;
  /** The one that is changed; a new one without it. */
  readonly parameter?: Parameter;
  onClose(): void;
}

const types = Object.entries(parameterText.types).map(([value, label]) => ({ value, label }));

export default function ParameterDialog({ flowId, parameter, onClose }: ParameterDialogProps) {
  const create = useChange(flowParameterEndpoints.create);
  const change = useChange(flowParameterEndpoints.change);
  const form = useContractForm({
    schema: flowParameterEndpoints.create.body,
    initialValues: parameter === undefined ? newValues : toValues(parameter),
    toBody,
    submit: async (body) => {
      const { warnings = [] } =
        parameter === undefined
          ? await create.mutateAsync({ params: { id: flowId }, body })
          : await change.mutateAsync({ params: { id: flowId, parameterId: parameter.id }, body });
      const broken = warnings.map(({ name }) => name).join(', ');
      if (broken !== '') notifyDone(parameterText.broken(broken));
      onClose();
    },
  });
  const { fields } = form;
  return (
    <Modal
      opened
      onClose={onClose}
      title={parameter === undefined ? parameterText.create : parameterText.editTitle}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <ContractForm
        form={form}
        submitLabel={parameter === undefined ? parameterText.make : partText.save}
        onCancel={onClose}
      >
        <TextInput label={parameterText.name} data-autofocus {...fields.getInputProps('name')} />
        <Select
          label={parameterText.type}
          data={types}
          allowDeselect={false}
          {...fields.getInputProps('type')}
        />
        <TextInput label={parameterText.value} {...fields.getInputProps('defaultValue')} />
        <TextInput label={parameterText.description} {...fields.getInputProps('description')} />
      </ContractForm>
    </Modal>
  );
}
