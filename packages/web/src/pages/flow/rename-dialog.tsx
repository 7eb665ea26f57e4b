// Gives a dataset or a recipe another name.
import { Modal, TextInput } from '@mantine/core';
import { z } from 'zod';
import { name as nameSchema } from '@flowhook/contract/convention';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { graphText } from '../../text/graph.ts';
import { partText } from '../../text/part.ts';

interface RenameDialogProps {
  readonly title: string;
  readonly name: string;
  /** Sends it; throws an Problem. */
  rename(name: string): Promise<unknown>;
  onClose(): void;
}

const schema = z.object({ name: nameSchema });

export default function RenameDialog({ title, name, rename, onClose }: RenameDialogProps) {
  const form = useContractForm({
    schema,
    initialValues: { name },
    submit: async (body) => {
      await rename(body.name);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': partText.close }}>
      <ContractForm form={form} submitLabel={partText.save} onCancel={onClose}>
        <TextInput label={graphText.name} data-autofocus {...form.fields.getInputProps('name')} />
      </ContractForm>
    </Modal>
  );
}
