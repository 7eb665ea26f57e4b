// The columns of the list of flows.
import { ActionIcon, Menu, Text } from '@mantine/core';
import type { z } from 'zod';
import type { flow } from '@flowhook/contract/flow';
import { hasRole, type Person } from '../../api/session-store.ts';
import type { Column } from '../../parts/data-table.tsx';
import { IconDots, IconPencil, IconTrash } from '../../parts/icon.ts';
import { Moment } from '../../parts/moment.tsx';
import { PageLink } from '../../parts/page-link.tsx';
import { flowText } from '../../text/flow.ts';

export type ListedFlow = z.output<typeof flow>;
type Doing = (what: 'rename' | 'remove', flow: ListedFlow) => void;

export function flowColumns(person: Person, onDo: Doing): readonly Column<ListedFlow>[] {
  return [
    {
      key: 'name',
      title: flowText.name,
      sort: 'name',
      width: 'minmax(0, 2.2fr)',
      cell: (row) => <Name flow={row} />,
    },
    { key: 'owner', title: flowText.owner, cell: (row) => <Owner flow={row} person={person} /> },
    {
      key: 'updatedAt',
      title: flowText.updated,
      sort: 'updatedAt',
      cell: ({ updatedAt }) => <Moment at={updatedAt} />,
    },
    {
      key: 'actions',
      title: flowText.actions,
      hideTitle: true,
      width: '2.5rem',
      cell: (row) => hasRole(person, 'author') && <Actions flow={row} onDo={onDo} />,
    },
  ];
}

function Name({ flow: { id, name, description } }: { readonly flow: ListedFlow }) {
  return (
    <>
      <PageLink to={`/flows/${id}`} fw={600}>
        {name}
      </PageLink>
      {description !== null && (
        <Text size="xs" c="dimmed" lineClamp={1}>
          {description}
        </Text>
      )}
    </>
  );
}

function Owner({ flow: { creator }, person }: { readonly flow: ListedFlow; readonly person: Person }) {
  if (creator?.id === person.id) return flowText.me;
  return typeof creator?.['name'] === 'string' ? creator['name'] : '';
}

function Actions({ flow, onDo }: { readonly flow: ListedFlow; readonly onDo: Doing }) {
  return (
    <Menu position="bottom-end" keepMounted={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={flowText.actionsOf(flow.name)}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => onDo('rename', flow)}>
          {flowText.rename}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => onDo('remove', flow)}
        >
          {flowText.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
