// Corrects how a dataset is read; what that changes is seen before it is saved.
import { Stack, Text } from '@mantine/core';
import type { z } from 'zod';
import { importedDatasetChange, importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { call } from '../../../api/call.ts';
import { useChange } from '../../../api/query.ts';
import { holdTo, stampOf, versionOf } from '../../../api/version.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { datasetText } from '../../../text/graph.ts';
import type { Dataset } from '../flow-part.ts';
import { OptionFields } from './dataset-option-fields.tsx';
import {
  optionFields,
  readFound,
  readOptions,
  writeOptions,
  type Options,
  type OptionValues,
} from './dataset-option.ts';
import { optionView, pickOptions } from './option-difference.ts';
import { LookView } from './look-view.tsx';
import { useLook } from './use-look.ts';

type Body = z.input<typeof importedDatasetChange>;

interface OptionFormProps {
  readonly dataset: Dataset;
  /** In which it is looked at. */
  readonly flowId: number;
  onWarnings(warnings: readonly string[]): void;
}

export default function OptionForm({ dataset, flowId, onWarnings }: OptionFormProps) {
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
    thing: {
      ...optionView,
      flowId,
      version: versionOf(dataset),
      pick: pickOptions,
      read: () => readAgain(id),
    },
    submit: async (body, values, held) => {
      const saved = await save(body, writeOptions(values, options), held);
      notifyDone(datasetText.optionsSaved);
      return saved;
    },
  });
  /** Options given earlier stay unless all are forgotten first: what was emptied here is found anew. */
  async function save(body: Body, whole: Options, held: ReturnType<typeof holdTo>) {
    const params = { id };
    if (!Object.keys(options).some((name) => !Object.hasOwn(whole, name)))
      return change.mutateAsync({ params, body, ...held });
    const bare = await change.mutateAsync({ params, body: { options: {} }, ...held });
    if (Object.keys(whole).length === 0) return bare;
    return change.mutateAsync({ params, body: { options: whole }, ...holdTo(versionOf(bare)) });
  }
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

async function readAgain(id: number) {
  const dataset = await call(importedDatasetEndpoints.get, { params: { id } });
  return { values: readOptions(dataset.given.options), ...stampOf(dataset) };
}
