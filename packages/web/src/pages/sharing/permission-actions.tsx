// What can be done about somebody who sees a flow: make them its owner, take it from them, or leave it oneself.
import { ActionIcon, Button, Menu } from '@mantine/core';
import type { Permission } from '../../parts/flow-permission.ts';
import { IconDots, IconLogout, IconTrash, IconUser } from '../../parts/icon.ts';
import { sharingText as text } from '../../text/sharing.ts';
import type { ListOptions } from './shared-with.ts';

interface PermissionActionsProps {
  readonly permission: Permission;
  readonly options: ListOptions;
}

export default function PermissionActions({ permission, options }: PermissionActionsProps) {
  const { person, role } = permission;
  const { meId, mayShare, onDo } = options;
  if (role === 'owner') return null;
  if (person.id === meId) {
    return (
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconLogout size={14} aria-hidden />}
        onClick={() => onDo({ what: 'take', person })}
      >
        {text.leave}
      </Button>
    );
  }
  if (!mayShare) return null;
  return (
    <Menu position="bottom-end" keepMounted={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={text.actionsOf(person.name)}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconUser size={16} aria-hidden />}
          onClick={() => onDo({ what: 'handOver', person })}
        >
          {text.handOver}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => onDo({ what: 'take', person })}
        >
          {text.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
