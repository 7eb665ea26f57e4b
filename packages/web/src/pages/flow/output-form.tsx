// What an output writes: its files, each with format and action, and the profile.
import {
  Button,
  Checkbox,
  CloseButton,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { outputObjectChange, outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { actions, writeCompressions, writeFormats } from '@flowhook/contract/flow/write-setting';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/query.ts';
import { stampOf, versionOf } from '../../api/version.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { IconPlus } from '../../parts/icon.ts';
import { notifyDone } from '../../parts/page/notice.ts';
import { useContractForm, type ContractForm as FormState } from '../../parts/form/use-contract-form.ts';
import { outputText } from '../../text/graph.ts';
import type { Output } from './flow-part.ts';
import { outputView } from './output-difference.ts';
import {
  newFile,
  readOutput,
  writeOutput,
  type FileValues,
  type OutputValues,
} from './write-setting-value.ts';

interface OutputFormProps {
  readonly output: Output;
  readonly mayChange: boolean;
}

export default function OutputForm({ output, mayChange }: OutputFormProps) {
  const { id } = output;
  const change = useChange(outputObjectEndpoints.change, {
    refreshes: ['/v4/writeSettings', '/v4/flows'],
    onDone: () => notifyDone(outputText.saved),
  });
  const form = useContractForm({
    schema: outputObjectChange,
    initialValues: readOutput(output),
    toBody: writeOutput,
    draft: { name: `output.${id}` },
    thing: {
      ...outputView,
      flowId: output.flow.id,
      version: versionOf(output),
      read: () => readAgain(id),
    },
    submit: (body, _, held) => change.mutateAsync({ params: { id }, body, ...held }),
  });
  const files = form.fields.getValues().writeSettings;
  return (
    <fieldset disabled={!mayChange} style={{ border: 'none', margin: 0, padding: 0, minWidth: 0 }}>
      <ContractForm
        form={form}
        submitLabel={outputText.save}
        moreActions={
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => form.fields.insertListItem('writeSettings', newFile)}
          >
            {outputText.addFile}
          </Button>
        }
      >
        <Checkbox
          label={outputText.profiler}
          {...form.fields.getInputProps('profiler', { type: 'checkbox' })}
        />
        {files.length === 0 && (
          <Text size="sm" c="dimmed">
            {outputText.noFiles}
          </Text>
        )}
        {files.map((file, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- A file that is not saved has no other identity.
          <FileFields key={index} form={form} file={file} index={index} />
        ))}
      </ContractForm>
    </fieldset>
  );
}

async function readAgain(id: number) {
  const output = await call(outputObjectEndpoints.get, { params: { id } });
  return { values: readOutput(output), ...stampOf(output) };
}

interface FileFieldsProps {
  readonly form: FormState<OutputValues>;
  readonly file: FileValues;
  readonly index: number;
}

function FileFields({ form, file, index }: FileFieldsProps) {
  const input = (name: keyof FileValues) => form.fields.getInputProps(`writeSettings.${index}.${name}`);
  const check = (name: keyof FileValues) =>
    form.fields.getInputProps(`writeSettings.${index}.${name}`, { type: 'checkbox' });
  return (
    <Paper withBorder p="sm" component="fieldset" m={0}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text component="legend" fw={600} size="sm">
            {outputText.file(index + 1)}
          </Text>
          <CloseButton
            aria-label={outputText.removeFile(file.path === '' ? outputText.file(index + 1) : file.path)}
            onClick={() => form.fields.removeListItem('writeSettings', index)}
          />
        </Group>
        <TextInput label={outputText.path} description={outputText.pathHint} {...input('path')} />
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="xs">
          <Select
            label={outputText.format}
            data={writeFormats.map((value) => ({ value, label: outputText.formats[value] }))}
            allowDeselect={false}
            {...input('format')}
          />
          <Select
            label={outputText.action}
            data={actions.map((value) => ({ value, label: outputText.actions[value] }))}
            allowDeselect={false}
            {...input('action')}
          />
          <Select
            label={outputText.compression}
            data={[...writeCompressions, 'zstd' as const].map((value) => ({
              value,
              label: outputText.compressions[value],
            }))}
            allowDeselect={false}
            {...input('compression')}
          />
        </SimpleGrid>
        {file.format === 'csv' && (
          <>
            <TextInput label={outputText.delimiter} maxLength={1} w="7rem" {...input('delim')} />
            <Checkbox label={outputText.header} {...check('header')} />
            <Checkbox label={outputText.quotes} {...check('hasQuotes')} />
            <TextInput label={outputText.nullText} maxLength={20} w="14rem" {...input('nullText')} />
          </>
        )}
        <Checkbox label={outputText.single} {...check('asSingleFile')} />
      </Stack>
    </Paper>
  );
}
