// A file with its options beside what they change, before it is added: uploaded, or named by its address.
import { SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { importedDatasetCreate, importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { useChange } from '../../../api/query.ts';
import { upload } from '../../../api/upload.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { FormDialog } from '../../../parts/form/form-dialog.tsx';
import { UploadBar } from '../../../parts/form/upload-bar.tsx';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { datasetLookText as text } from '../../../text/dataset-option.ts';
import { graphText } from '../../../text/graph.ts';
import { OptionFields } from './dataset-option-fields.tsx';
import { noOptions, optionFields, readFound, writeOptions, type OptionValues } from './dataset-option.ts';
import { LookView } from './look-view.tsx';
import { useLook, type LookSource } from './use-look.ts';

interface AddDatasetDialogProps {
  /** None: it is named by its address. */
  readonly file: File | null;
  /** It was refused when it was read by itself. */
  readonly isRefused: boolean;
  onAdded(dataset: { readonly id: number; readonly name: string }): Promise<void>;
  onClose(): void;
}

type Values = OptionValues & { readonly uri: string; readonly name: string };

export default function AddDatasetDialog({ file, isRefused, onAdded, onClose }: AddDatasetDialogProps) {
  const [share, setShare] = useState<number | null>(null);
  const add = useChange(importedDatasetEndpoints.create);
  const form = useContractForm({
    schema: importedDatasetCreate,
    initialValues: { ...noOptions, uri: '', name: '' },
    toBody: ({ uri, name, ...options }: Values) => ({
      // Of an upload the address says nothing; the contract wants one.
      uri: file === null ? uri : 'file:///',
      ...(name.trim() !== '' && { name }),
      options: writeOptions(options, {}),
    }),
    fieldOf: optionFields,
    submit: async (body) => {
      try {
        if (file === null) await onAdded(await add.mutateAsync({ body }));
        else await onAdded(await send(file, body, setShare));
        onClose();
      } finally {
        setShare(null);
      }
    },
  });
  const { uri, name: _, ...typed } = form.fields.getValues();
  const options = writeOptions(typed, {});
  const [address] = useDebouncedValue(uri, 400);
  const source: LookSource = file === null ? { kind: 'address', uri: address } : { kind: 'file', file };
  const look = useLook(source, options);
  const seen = look.look;
  const found = readFound({ options: seen?.options ?? {}, given: { options } });
  const format = seen?.format ?? null;
  return (
    <FormDialog
      form={form}
      onClose={onClose}
      size="72rem"
      title={file === null ? text.addressTitle : text.title(file.name)}
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <ContractForm form={form} submitLabel={text.add} onCancel={onClose}>
          {isRefused && <Text size="sm">{text.refused}</Text>}
          {file === null && (
            <TextInput
              label={text.address}
              description={text.addressHint}
              data-autofocus
              {...form.fields.getInputProps('uri')}
            />
          )}
          <TextInput label={text.name} {...form.fields.getInputProps('name')} />
          {share !== null && file !== null && (
            <UploadBar
              label={share < 1 ? graphText.uploading(file.name) : graphText.reading(file.name)}
              share={share}
            />
          )}
          <OptionFields
            fields={form.fields}
            found={found}
            given={{}}
            columns={seen?.columns ?? []}
            isText={format === null || format === 'csv' || format === 'tsv'}
          />
        </ContractForm>
        <Stack>
          <LookView look={look} />
        </Stack>
      </SimpleGrid>
    </FormDialog>
  );
}

function send(
  file: File,
  { name, options }: { readonly name?: string | undefined; readonly options?: unknown },
  onProgress: (share: number) => void,
) {
  const fields = { options: JSON.stringify(options), ...(name !== undefined && { name }) };
  return upload(importedDatasetEndpoints.upload, undefined, { file, fields, onProgress });
}
