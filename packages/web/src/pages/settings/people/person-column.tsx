// The columns of the list of people.
import { Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { Column } from '../../../parts/table/data-table.tsx';
import { Moment } from '../../../parts/time/moment.tsx';
import { personText } from '../../../text/person.ts';
import { shellText } from '../../../text/shell.ts';
import type { Do, ListedPerson } from './listed-person.ts';

// Menus weigh 18 kB.
const PersonActions = lazy(() => import('./person-actions.tsx'));

/** `lastId` is the last administrator, where there is but one. */
export function personColumns(
  meId: number,
  lastId: number | undefined,
  onDo: Do,
): readonly Column<ListedPerson>[] {
  return [
    {
      key: 'name',
      title: personText.name,
      sort: 'name',
      width: 'minmax(0, 2fr)',
      cell: ({ id, name }) => (
        <Text size="sm" fw={600} component="span">
          {name}
          {id === meId && <Text span size="sm" c="dimmed" fw={400}>{` (${personText.me})`}</Text>}
        </Text>
      ),
    },
    {
      key: 'email',
      title: personText.email,
      sort: 'email',
      width: 'minmax(0, 2.4fr)',
      cell: (row) => row.email,
    },
    {
      key: 'role',
      title: personText.role,
      sort: 'role',
      width: 'minmax(0, 1.2fr)',
      cell: ({ id, role }) => (
        <>
          {shellText.roles[role]}
          {id === lastId && (
            <Text size="xs" c="dimmed">
              {personText.lastAdministrator}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'createdAt',
      title: personText.madeAt,
      sort: 'createdAt',
      cell: ({ createdAt }) => <Moment at={createdAt} />,
    },
    {
      key: 'actions',
      title: personText.actions,
      hideTitle: true,
      width: '2.5rem',
      cell: (row) => (
        <Suspense fallback={null}>
          <PersonActions person={row} isLast={row.id === lastId} onDo={onDo} />
        </Suspense>
      ),
    },
  ];
}
