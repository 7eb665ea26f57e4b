// What can be done with a flow: add a dataset or a recipe, and its menu with the webhooks.
import { ActionIcon, Button, FileButton, Menu } from '@mantine/core';
import {
  IconAdjustments,
  IconChevronDown,
  IconClock,
  IconCode,
  IconDatabase,
  IconDotsVertical,
  IconPencil,
  IconPlayerPlay,
  IconTrash,
  IconUpload,
  IconWebhook,
} from '../../parts/icon.ts';
import { graphText } from '../../text/graph.ts';
import { flowRunText, parameterText, scheduleText } from '../../text/schedule.ts';
import type { RecipeInput } from './recipe-input.ts';

export type FlowDoing =
  | { readonly what: 'rename' | 'remove' | 'existing' | 'run' | 'schedule' | 'parameters' }
  | { readonly what: 'recipe'; readonly on?: RecipeInput };

interface FlowActionsProps {
  readonly mayAddRecipe: boolean;
  onDo(doing: FlowDoing): void;
  onFiles(files: readonly File[]): void;
  onWebhooks(): void;
}

export default function FlowActions({ mayAddRecipe, onDo, onFiles, onWebhooks }: FlowActionsProps) {
  return (
    <>
      <AddDataset onFiles={onFiles} onExisting={() => onDo({ what: 'existing' })} />
      <Button
        variant="default"
        disabled={!mayAddRecipe}
        leftSection={<IconCode size={16} aria-hidden />}
        onClick={() => onDo({ what: 'recipe' })}
      >
        {graphText.addRecipe}
      </Button>
      <Menu position="bottom-end" keepMounted={false}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={graphText.moreActions}>
            <IconDotsVertical size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconWebhook size={16} aria-hidden />} onClick={onWebhooks}>
            {graphText.webhooks}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            onClick={() => onDo({ what: 'run' })}
          >
            {flowRunText.runFlow}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconClock size={16} aria-hidden />}
            onClick={() => onDo({ what: 'schedule' })}
          >
            {scheduleText.title}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconAdjustments size={16} aria-hidden />}
            onClick={() => onDo({ what: 'parameters' })}
          >
            {parameterText.title}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPencil size={16} aria-hidden />}
            onClick={() => onDo({ what: 'rename' })}
          >
            {graphText.rename}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => onDo({ what: 'remove' })}
          >
            {graphText.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function AddDataset({ onFiles, onExisting }: { onFiles(files: readonly File[]): void; onExisting(): void }) {
  return (
    <FileButton multiple onChange={onFiles} inputProps={{ 'aria-label': graphText.uploadFile }}>
      {({ onClick }) => (
        <Menu position="bottom-end" keepMounted={false}>
          <Menu.Target>
            <Button
              leftSection={<IconDatabase size={16} aria-hidden />}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              {graphText.addDataset}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconUpload size={16} aria-hidden />} onClick={onClick}>
              {graphText.uploadFile}
            </Menu.Item>
            <Menu.Item leftSection={<IconDatabase size={16} aria-hidden />} onClick={onExisting}>
              {graphText.addExisting}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </FileButton>
  );
}
