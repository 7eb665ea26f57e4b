// The parameters of a flow: list, make, change, delete.
import { Button, Group } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { z } from 'zod';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints, type flowParameter } from '@flowhook/contract/flow/flow-parameter';
import { useRightsOn } from '../../api/flow-right.ts';
import { useEndpoint } from '../../api/query.ts';
import { useIdParam } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable, type Column } from '../../parts/table/data-table.tsx';
import { IconAdjustments, IconPlus } from '../../parts/icon.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { flowText } from '../../text/flow.ts';
import { parameterText } from '../../text/schedule.ts';

const ParameterDialog = lazy(() => import('./parameter-dialog.tsx'));
const RemoveParameterDialog = lazy(() => import('./remove-parameter-dialog.tsx'));

type Parameter = z.output<typeof flowParameter>;
type Doing =
  | { readonly what: 'edit' | 'remove'; readonly parameter: Parameter }
  | { readonly what: 'create' };

export default function ParameterPage() {
  const id = useIdParam();
  const flow = useEndpoint(flowEndpoints.get, { params: { id } });
  const parameters = useEndpoint(flowParameterEndpoints.list, { params: { id } });
  const mayChange = useRightsOn(flow.data).change;
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  return (
    <PageFrame
      title={parameterText.title}
      description={parameterText.detail}
      crumbs={[
        { label: flowText.title, to: '/flows' },
        { label: flow.data?.name ?? flowText.oneTitle, to: `/flows/${id}` },
      ]}
      actions={
        mayChange && (
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setDoing({ what: 'create' })}
          >
            {parameterText.create}
          </Button>
        )
      }
    >
      <Answer
        of={parameters}
        isEmpty={({ data }) => data.length === 0}
        empty={{ icon: IconAdjustments, title: parameterText.emptyTitle, detail: parameterText.emptyDetail }}
      >
        {({ data }) => (
          <DataTable
            label={parameterText.list}
            columns={columnsOf(mayChange, setDoing)}
            rows={data}
            idOf={(row) => row.id}
          />
        )}
      </Answer>
      <Suspense fallback={null}>
        {doing?.what === 'create' && <ParameterDialog flowId={id} onClose={close} />}
        {doing?.what === 'edit' && (
          <ParameterDialog flowId={id} parameter={doing.parameter} onClose={close} />
        )}
        {doing?.what === 'remove' && (
          <RemoveParameterDialog flowId={id} parameter={doing.parameter} onClose={close} />
        )}
      </Suspense>
    </PageFrame>
  );
}

function columnsOf(mayChange: boolean, onDo: (doing: Doing) => void): readonly Column<Parameter>[] {
  const shown: Column<Parameter>[] = [
    { key: 'name', title: parameterText.name, cell: ({ name }) => name },
    { key: 'type', title: parameterText.type, cell: ({ type }) => parameterText.types[type] },
    { key: 'value', title: parameterText.value, cell: ({ defaultValue }) => defaultValue },
    {
      key: 'description',
      title: parameterText.description,
      width: 'minmax(0, 2fr)',
      cell: ({ description }) => description,
    },
  ];
  if (!mayChange) return shown;
  return [
    ...shown,
    {
      key: 'actions',
      title: parameterText.edit,
      hideTitle: true,
      width: '11rem',
      align: 'end',
      cell: (parameter) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={parameterText.editOf(parameter.name)}
            onClick={() => onDo({ what: 'edit', parameter })}
          >
            {parameterText.edit}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            aria-label={parameterText.removeOf(parameter.name)}
            onClick={() => onDo({ what: 'remove', parameter })}
          >
            {parameterText.remove}
          </Button>
        </Group>
      ),
    },
  ];
}
