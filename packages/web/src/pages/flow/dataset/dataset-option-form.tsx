// Corrects how a dataset is read.
import { encodings } from '@flowhook/contract/flow/dataset-option';
import {
  Autocomplete,
  Fieldset,
  NumberInput,
  Select,
  SimpleGrid,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { importedDatasetChange, importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { call } from '../../../api/call.ts';
import { useChange } from '../../../api/query.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { datasetText } from '../../../text/graph.ts';
import type { Dataset } from '../flow-part.ts';
import { readFound, readOptions, writeOptions, type OptionValues } from './dataset-option.ts';

const types = ['VARCHAR', 'BIGINT', 'DOUBLE', 'DECIMAL(18,3)', 'BOOLEAN', 'DATE', 'TIMESTAMP'];

interface OptionFormProps {
  readonly dataset: Dataset;
  onWarnings(warnings: readonly string[]): void;
}

export default function OptionForm({ dataset, onWarnings }: OptionFormProps) {
  const { id, columns, format } = dataset;
  const { options } = dataset.given;
  const found = readFound(dataset);
  const change = useChange(importedDatasetEndpoints.change, {
    refreshes: ['/v4/wrangledDatasets', '/v4/flows'],
    onDone: ({ warnings }) => onWarnings(warnings ?? []),
  });
  const form = useContractForm({
    schema: importedDatasetChange,
    initialValues: readOptions(options),
    toBody: (values: OptionValues) => ({ options: writeOptions(values, options) }),
    fieldOf: Object.fromEntries(Object.keys(readOptions({})).map((field) => [`options.${field}`, field])),
    submit: async (body) => {
      // Options given earlier stay unless all are forgotten first: what was emptied here is found anew.
      const gone = Object.keys(options).some((name) => !Object.hasOwn(body.options ?? {}, name));
      if (gone) await call(importedDatasetEndpoints.change, { params: { id }, body: { options: {} } });
      if (!gone || Object.keys(body.options ?? {}).length > 0)
        await change.mutateAsync({ params: { id }, body });
      notifyDone(datasetText.optionsSaved);
    },
  });
  const { getInputProps } = form.fields;
  const isText = format === 'csv' || format === 'tsv';
  return (
    <ContractForm form={form} submitLabel={datasetText.save}>
      <Text size="sm" c="dimmed">
        {datasetText.optionsDetail}
      </Text>
      {isText && (
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            label={datasetText.delimiter}
            placeholder={datasetText.foundAs(found.delimiter)}
            {...getInputProps('delimiter')}
          />
          <TextInput
            label={datasetText.quote}
            placeholder={datasetText.foundAs(found.quote)}
            {...getInputProps('quote')}
          />
          <Select
            label={datasetText.header}
            data={[
              { value: '', label: datasetText.foundAs(datasetText.headers[found.header]) },
              { value: 'true', label: datasetText.headers['true'] },
              { value: 'false', label: datasetText.headers['false'] },
            ]}
            allowDeselect={false}
            {...getInputProps('header')}
          />
          <Select
            label={datasetText.encoding}
            data={listChoices(found.encoding, encodings)}
            allowDeselect={false}
            {...getInputProps('encoding')}
          />
          <NumberInput
            label={datasetText.skipLines}
            placeholder={datasetText.foundAs(String(found.skipLines))}
            min={0}
            {...getInputProps('skipLines')}
          />
          <Select
            label={datasetText.decimal}
            data={listChoices(found.decimalSeparator, ['.', ','])}
            allowDeselect={false}
            {...getInputProps('decimalSeparator')}
          />
          <TextInput
            label={datasetText.dateFormat}
            description={datasetText.dateFormatHint}
            placeholder={datasetText.foundAs(found.dateFormat)}
            {...getInputProps('dateFormat')}
          />
          <TagsInput label={datasetText.nullValues} {...getInputProps('nullValues')} />
          <Select
            label={datasetText.raggedRows}
            data={listUsual(datasetText.raggedRowsChoices, options.raggedRows)}
            allowDeselect={false}
            {...getInputProps('raggedRows')}
          />
        </SimpleGrid>
      )}
      <Select
        label={datasetText.onMismatch}
        data={listUsual(datasetText.onMismatchChoices, options.onMismatch)}
        allowDeselect={false}
        {...getInputProps('onMismatch')}
      />
      <Fieldset legend={datasetText.columnTypes}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          {columns.map(({ name, type }) => (
            <Autocomplete
              key={name}
              label={name}
              placeholder={type}
              data={types}
              value={form.fields.getValues().columnTypes[name] ?? ''}
              onChange={(value) =>
                form.fields.setFieldValue('columnTypes', {
                  ...form.fields.getValues().columnTypes,
                  [name]: value,
                })
              }
            />
          ))}
        </SimpleGrid>
      </Fieldset>
    </ContractForm>
  );
}

/** What is usual is not said; where it was, it stays so. */
function listUsual(labels: Readonly<Record<string, string>>, given: string | undefined) {
  const usual = given === 'fail' ? given : '';
  return Object.entries(labels).map(([value, label]) => ({ value: value === '' ? usual : value, label }));
}

function listChoices(found: string, values: readonly string[]) {
  return [
    { value: '', label: datasetText.foundAs(found) },
    ...values.map((value) => ({ value, label: value })),
  ];
}
