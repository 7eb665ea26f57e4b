// The columns of the list of people.
import { ActionIcon, Menu, Text } from '@mantine/core';
import type { z } from 'zod';
import type { person } from '@flowhook/contract/person';
import { useGo } from '../../parts/address.ts';
import type { Column } from '../../parts/data-table.tsx';
import { IconDots, IconHistory, IconKey, IconPencil, IconTrash } from '../../parts/icon.ts';
import { Moment } from '../../parts/moment.tsx';
import { personText } from '../../text/person.ts';
import { sessionText } from '../../text/session.ts';

export type ListedPerson = z.output<typeof person>;
export type PersonAction = 'change' | 'reset' | 'remove';
type Do = (what: PersonAction, person: ListedPerson) => void;

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
          {sessionText.roles[role]}
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
      cell: (row) => <Actions person={row} isLast={row.id === lastId} onDo={onDo} />,
    },
  ];
}

interface ActionsProps {
  readonly person: ListedPerson;
  readonly isLast: boolean;
  readonly onDo: Do;
}

function Actions({ person, isLast, onDo }: ActionsProps) {
  const go = useGo();
  return (
    <Menu position="bottom-end" keepMounted={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={personText.actionsOf(person.name)}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown maw={280}>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => onDo('change', person)}>
          {personText.change}
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={() => onDo('reset', person)}>
          {personText.resetPassword}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconHistory size={16} aria-hidden />}
          onClick={() => go('/settings/audit', { search: { person: person.id } })}
        >
          {personText.seeChanges}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          disabled={isLast}
          onClick={() => onDo('remove', person)}
        >
          {personText.remove}
        </Menu.Item>
        {isLast && <Menu.Label>{personText.lastAdministratorWhy}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
