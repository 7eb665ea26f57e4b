// The environment parameters: values that administrators set for every flow.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import type { z } from 'zod';
import {
  environmentParameterEndpoints as endpoints,
  type environmentParameter,
} from '@flowhook/contract/flow/flow-parameter';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable, type Column } from '../../parts/table/data-table.tsx';
import { IconBraces, IconPlus } from '../../parts/icon.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { environmentText } from '../../text/schedule.ts';
import { SettingsFrame } from './settings-frame.tsx';

const NewEnvironmentDialog = lazy(() => import('./new-environment-dialog.tsx'));
const RemoveEnvironmentDialog = lazy(() => import('./remove-environment-dialog.tsx'));

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
    <SettingsFrame title={environmentText.title} description={environmentText.detail} actions={create}>
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
      <Suspense fallback={null}>
        {making && <NewEnvironmentDialog onClose={make.close} />}
        {leaving !== null && <RemoveEnvironmentDialog of={leaving} onClose={() => setLeaving(null)} />}
      </Suspense>
    </SettingsFrame>
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
