// Corrects how a dataset is read; what that changes is seen before it is saved.
import { Stack, Text } from '@mantine/core';
import { importedDatasetChange, importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { call } from '../../../api/call.ts';
import { useChange } from '../../../api/query.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { datasetText } from '../../../text/graph.ts';
import type { Dataset } from '../flow-part.ts';
import { OptionFields } from './dataset-option-fields.tsx';
import { optionFields, readFound, readOptions, writeOptions, type OptionValues } from './dataset-option.ts';
import { LookView } from './look-view.tsx';
import { useLook } from './use-look.ts';

interface OptionFormProps {
  readonly dataset: Dataset;
  onWarnings(warnings: readonly string[]): void;
}

export default function OptionForm({ dataset, onWarnings }: OptionFormProps) {
  const { id, columns, format } = dataset;
  const { options } = dataset.given;
  const change = useChange(importedDatasetEndpoints.change, {
    refreshes: ['/v4/wrangledDatasets', '/v4/flows'],
    onDone: ({ warnings }) => onWarnings(warnings ?? []),
  });
  const form = useContractForm({
    schema: importedDatasetChange,
    initialValues: readOptions(options),
    toBody: (values: OptionValues) => ({ options: writeOptions(values, options) }),
    fieldOf: optionFields,
    draft: { name: `dataset.${id}` },
    submit: async (body) => {
      // Options given earlier stay unless all are forgotten first: what was emptied here is found anew.
      const gone = Object.keys(options).some((name) => !Object.hasOwn(body.options ?? {}, name));
      if (gone) await call(importedDatasetEndpoints.change, { params: { id }, body: { options: {} } });
      if (!gone || Object.keys(body.options ?? {}).length > 0)
        await change.mutateAsync({ params: { id }, body });
      notifyDone(datasetText.optionsSaved);
    },
  });
  const typed = writeOptions(form.fields.getValues(), options);
  const isChanged = JSON.stringify(typed) !== JSON.stringify(writeOptions(readOptions(options), options));
  const look = useLook(isChanged ? { kind: 'dataset', id, given: dataset.given } : null, typed);
  return (
    <Stack>
      <ContractForm form={form} submitLabel={datasetText.save}>
        <Text size="sm" c="dimmed">
          {datasetText.optionsDetail}
        </Text>
        <OptionFields
          fields={form.fields}
          found={readFound(dataset)}
          given={options}
          columns={columns}
          isText={format === 'csv' || format === 'tsv'}
        />
      </ContractForm>
      {isChanged && <LookView look={look} />}
    </Stack>
  );
}
