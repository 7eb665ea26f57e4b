// Makes a parameter of a flow, or changes one.
import { Modal, Select, TextInput } from '@mantine/core';
import { flowParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { call } from '../../api/call.ts';
import { useChange, useEndpoint } from '../../api/query.ts';
import { stampOf, versionOf } from '../../api/version.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FormDialog } from '../../parts/form/form-dialog.tsx';
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

/** One that is changed is read by itself: in a list it has no version. */
export default function ParameterDialog({ parameter, ...props }: ParameterDialogProps) {
  return parameter === undefined ? <Fields {...props} /> : <Reading {...props} parameter={parameter} />;
}

function Reading({
  parameter: { id: parameterId },
  ...props
}: ParameterDialogProps & { parameter: Parameter }) {
  const parameter = useEndpoint(flowParameterEndpoints.get, { params: { id: props.flowId, parameterId } });
  if (parameter.data !== undefined) return <Fields {...props} parameter={parameter.data} />;
  if (parameter.error === null) return null;
  return (
    <Modal opened onClose={props.onClose} title={parameterText.editTitle}>
      <Answer of={parameter}>{() => null}</Answer>
    </Modal>
  );
}

async function readAgain(flowId: number, parameterId: number) {
  const parameter = await call(flowParameterEndpoints.get, { params: { id: flowId, parameterId } });
  return { values: toValues(parameter), ...stampOf(parameter) };
}

const labels = {
  name: parameterText.name,
  type: parameterText.type,
  defaultValue: parameterText.value,
  description: parameterText.description,
};

function Fields({ flowId, parameter, onClose }: ParameterDialogProps) {
  const create = useChange(flowParameterEndpoints.create);
  const change = useChange(flowParameterEndpoints.change);
  const form = useContractForm({
    schema: flowParameterEndpoints.create.body,
    initialValues: parameter === undefined ? newValues : toValues(parameter),
    toBody,
    thing: parameter && {
      labels,
      show: (field, value) =>
        field === 'type' ? parameterText.types[value as Parameter['type']] : String(value),
      flowId,
      version: versionOf(parameter),
      read: () => readAgain(flowId, parameter.id),
    },
    submit: async (body, _, held) => {
      const { warnings = [] } =
        parameter === undefined
          ? await create.mutateAsync({ params: { id: flowId }, body })
          : await change.mutateAsync({
              params: { id: flowId, parameterId: parameter.id },
              body,
              ...held,
            });
      const broken = warnings.map(({ name }) => name).join(', ');
      if (broken !== '') notifyDone(parameterText.broken(broken));
      onClose();
    },
  });
  const { fields } = form;
  return (
    <FormDialog
      form={form}
      onClose={onClose}
      title={parameter === undefined ? parameterText.create : parameterText.editTitle}
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
    </FormDialog>
  );
}
