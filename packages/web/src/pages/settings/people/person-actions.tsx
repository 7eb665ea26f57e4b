// What can be done with a person of the list.
import { ActionIcon, Menu } from '@mantine/core';
import { useGo } from '../../../parts/page/address.ts';
import { IconDots, IconHistory, IconKey, IconPencil, IconTrash } from '../../../parts/icon.ts';
import { personText } from '../../../text/person.ts';
import type { Do, ListedPerson } from './listed-person.ts';

interface PersonActionsProps {
  readonly person: ListedPerson;
  readonly isLast: boolean;
  readonly onDo: Do;
}

export default function PersonActions({ person, isLast, onDo }: PersonActionsProps) {
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
