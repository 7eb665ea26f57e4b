// What can be done with a flow of the list. Fetched after the list stands: menus weigh 18 kB.
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconPencil, IconTrash } from '../../parts/icon.ts';
import { flowText } from '../../text/flow.ts';
import type { Doing, ListedFlow } from './listed-flow.ts';

export default function FlowMenu({ flow, onDo }: { readonly flow: ListedFlow; readonly onDo: Doing }) {
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
