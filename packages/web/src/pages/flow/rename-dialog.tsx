// Gives a dataset or a recipe another name.
import { TextInput } from '@mantine/core';
import { z } from 'zod';
import { name as nameSchema } from '@flowhook/contract/convention';
import { stampOf, versionOf, type holdTo } from '../../api/version.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FormDialog } from '../../parts/form/form-dialog.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { graphText } from '../../text/graph.ts';
import { partText } from '../../text/part.ts';

interface RenameDialogProps {
  readonly title: string;
  readonly thing: RenamedThing;
  /** Whose people may change it. */
  readonly flowId: number;
  /** As it is now. */
  read(): Promise<RenamedThing>;
  /** Sends it; throws a Problem. */
  rename(name: string, held: ReturnType<typeof holdTo>): Promise<unknown>;
  onClose(): void;
}

type RenamedThing = Parameters<typeof stampOf>[0] & { readonly name: string };

const schema = z.object({ name: nameSchema });

export default function RenameDialog({ title, thing, flowId, read, rename, onClose }: RenameDialogProps) {
  const form = useContractForm({
    schema,
    initialValues: { name: thing.name },
    thing: {
      labels: { name: graphText.name },
      flowId,
      version: versionOf(thing),
      async read() {
        const now = await read();
        return { values: { name: now.name }, ...stampOf(now) };
      },
    },
    submit: async (body, values, held) => {
      if (body.name !== undefined) await rename(values.name, held);
      onClose();
    },
  });
  return (
    <FormDialog form={form} onClose={onClose} title={title}>
      <ContractForm form={form} submitLabel={partText.save} onCancel={onClose}>
        <TextInput label={graphText.name} data-autofocus {...form.fields.getInputProps('name')} />
      </ContractForm>
    </FormDialog>
  );
}
