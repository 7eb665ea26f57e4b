// The environment parameters: values that administrators set for every flow.
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { z } from 'zod';
import {
  environmentParameterEndpoints as endpoints,
  type environmentParameter,
} from '@flowhook/contract/flow-parameter';
import { useChange, useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/answer.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { ContractForm } from '../../parts/contract-form.tsx';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { IconBraces, IconPlus } from '../../parts/icon.ts';
import { Moment } from '../../parts/moment.tsx';
import { PageFrame } from '../../parts/page-frame.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { partText } from '../../text/part.ts';
import { environmentText } from '../../text/schedule.ts';

type Environment = z.output<typeof environmentParameter>;

export default function EnvironmentPage() {
  const list = useEndpoint(endpoints.list, {});
  const [making, make] = useDisclosure();
  const [leaving, setLeaving] = useState<Environment | null>(null);
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={make.open}>
      {environmentText.create}
    </Button>
  );
  return (
    <PageFrame title={environmentText.title} description={environmentText.detail} actions={create}>
      <Answer
        of={list}
        isEmpty={({ data }) => data.length === 0}
        empty={{ icon: IconBraces, title: environmentText.emptyTitle, detail: environmentText.emptyDetail }}
      >
        {({ data }) => (
          <DataTable
            label={environmentText.list}
            columns={columnsOf(setLeaving)}
            rows={data}
            idOf={({ id }) => id}
          />
        )}
      </Answer>
      {making && <NewDialog onClose={make.close} />}
      <RemoveDialog of={leaving} onClose={() => setLeaving(null)} />
    </PageFrame>
  );
}

function columnsOf(onRemove: (row: Environment) => void): readonly Column<Environment>[] {
  return [
    { key: 'key', title: environmentText.key, cell: ({ overrideKey }) => overrideKey },
    { key: 'value', title: environmentText.value, width: 'minmax(0, 2fr)', cell: ({ value }) => value },
    { key: 'created', title: environmentText.created, cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      key: 'actions',
      title: environmentText.remove,
      hideTitle: true,
      width: '6.5rem',
      align: 'end',
      cell: (row) => (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={environmentText.removeOf(row.overrideKey)}
          onClick={() => onRemove(row)}
        >
          {environmentText.remove}
        </Button>
      ),
    },
  ];
}

function NewDialog({ onClose }: { onClose(): void }) {
  const create = useChange(endpoints.create);
  const form = useContractForm({
    schema: endpoints.create.body,
    initialValues: { overrideKey: 'env.', value: '' },
    submit: async (body) => {
      await create.mutateAsync({ body });
      onClose();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={environmentText.create}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <ContractForm form={form} submitLabel={environmentText.make} onCancel={onClose}>
        <TextInput
          label={environmentText.key}
          description={environmentText.keyHelp}
          data-autofocus
          {...form.fields.getInputProps('overrideKey')}
        />
        <TextInput label={environmentText.value} {...form.fields.getInputProps('value')} />
      </ContractForm>
    </Modal>
  );
}

function RemoveDialog({ of, onClose }: { readonly of: Environment | null; onClose(): void }) {
  const remove = useChange(endpoints.remove, { onDone: onClose });
  return (
    <ConfirmDialog
      opened={of !== null}
      title={environmentText.removeTitle(of?.overrideKey ?? '')}
      confirmLabel={environmentText.remove}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => of && remove.mutate({ params: { id: of.id } })}
      onClose={onClose}
    >
      {environmentText.removeDetail}
    </ConfirmDialog>
  );
}
