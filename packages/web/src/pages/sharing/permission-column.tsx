// The columns of the list of who sees a flow.
import { NativeSelect, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { useChange } from '../../api/query.ts';
import type { Column } from '../../parts/table/data-table.tsx';
import type { FlowRole, Permission } from '../../parts/flow-permission.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { sharingText as text } from '../../text/sharing.ts';
import type { ListOptions } from './shared-with.ts';

// Menus weigh 18 kB.
const PermissionActions = lazy(() => import('./permission-actions.tsx'));

export function permissionColumns(options: ListOptions): readonly Column<Permission>[] {
  const { flowId, meId, mayShare } = options;
  return [
    {
      key: 'name',
      title: text.name,
      width: 'minmax(0, 2fr)',
      cell: ({ person: { id, name } }) => (
        <Text size="sm" fw={600} component="span">
          {name}
          {id === meId && <Text span size="sm" c="dimmed" fw={400}>{` (${text.me})`}</Text>}
        </Text>
      ),
    },
    {
      key: 'email',
      title: text.email,
      width: 'minmax(0, 2.4fr)',
      cell: ({ person }) => person.email,
    },
    {
      key: 'role',
      title: text.role,
      width: 'minmax(0, 1.2fr)',
      cell: (row) =>
        mayShare && row.role !== 'owner' ? (
          <RoleSelect flowId={flowId} permission={row} />
        ) : (
          text.roles[row.role]
        ),
    },
    {
      key: 'createdAt',
      title: text.since,
      cell: ({ createdAt }) => (createdAt === null ? null : <Moment at={createdAt} />),
    },
    {
      key: 'actions',
      title: text.actions,
      hideTitle: true,
      width: '5.5rem',
      align: 'end',
      cell: (row) => (
        <Suspense fallback={null}>
          <PermissionActions permission={row} options={options} />
        </Suspense>
      ),
    },
  ];
}

const given = (['collaborator', 'readOnly'] as const).map((value) => ({ value, label: text.roles[value] }));

function RoleSelect({ flowId, permission }: { readonly flowId: number; readonly permission: Permission }) {
  const { person, role } = permission;
  const give = useChange(flowPermissionEndpoints.give);
  const change = async (next: FlowRole) => {
    try {
      const body = { data: [{ personId: person.id, role: next }] };
      await give.mutateAsync({ params: { id: flowId }, body });
      notifyDone(text.changed(person.name, next));
    } catch (error) {
      notifyProblem(error);
    }
  };
  return (
    <NativeSelect
      size="xs"
      aria-label={text.roleOf(person.name)}
      data={given}
      value={give.isPending ? give.variables.body.data[0]!.role : role}
      disabled={give.isPending}
      onChange={({ currentTarget }) => void change(currentTarget.value as FlowRole)}
    />
  );
}
