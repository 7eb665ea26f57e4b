// What can be done with a flow of the list. Fetched after the list stands: menus weigh 18 kB.
import { ActionIcon, Menu } from '@mantine/core';
import type { FlowRights } from '../../api/flow-role.ts';
import { IconCopy, IconDots, IconFileExport, IconPencil, IconTrash, IconUsers } from '../../parts/icon.ts';
import { flowText } from '../../text/flow.ts';
import type { Doing, ListedFlow } from './listed-flow.ts';

interface FlowMenuProps {
  readonly flow: ListedFlow;
  readonly rights: FlowRights;
  readonly onDo: Doing;
}

export default function FlowMenu({ flow, rights, onDo }: FlowMenuProps) {
  return (
    <Menu position="bottom-end" keepMounted={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={flowText.actionsOf(flow.name)}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {rights.change && (
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => onDo('rename', flow)}>
            {flowText.rename}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconUsers size={16} aria-hidden />} onClick={() => onDo('share', flow)}>
          {flowText.share}
        </Menu.Item>
        {rights.run && (
          <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => onDo('copy', flow)}>
            {flowText.copy}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconFileExport size={16} aria-hidden />}
          onClick={() => onDo('export', flow)}
        >
          {flowText.export}
        </Menu.Item>
        {rights.own && (
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => onDo('remove', flow)}
          >
            {flowText.remove}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
