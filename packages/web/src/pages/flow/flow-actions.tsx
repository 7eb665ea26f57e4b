// What can be done with a flow: add a dataset or a recipe, and its menu with the webhooks.
import { ActionIcon, Button, FileButton, Menu } from '@mantine/core';
import { useRef } from 'react';
import type { FlowRights } from '../../api/flow-role.ts';
import {
  IconAdjustments,
  IconChevronDown,
  IconClock,
  IconCode,
  IconCopy,
  IconDatabase,
  IconDotsVertical,
  IconFileExport,
  IconPencil,
  IconPlayerPlay,
  IconTrash,
  IconUpload,
  IconUsers,
  IconWebhook,
} from '../../parts/icon.ts';
import { flowText } from '../../text/flow.ts';
import { graphText } from '../../text/graph.ts';
import { flowRunText, parameterText, scheduleText } from '../../text/schedule.ts';
import type { RecipeInput } from './recipe/recipe-input.ts';

/** Pages below that of the flow, by the last part of their address. */
export type FlowSubpage = 'schedule' | 'parameters' | 'sharing';

export type FlowDoing =
  | { readonly what: FlowSubpage | 'rename' | 'remove' | 'existing' | 'run' | 'copy' | 'export' }
  | { readonly what: 'recipe'; readonly on?: RecipeInput };

interface FlowActionsProps {
  readonly rights: FlowRights;
  readonly mayAddRecipe: boolean;
  onDo(doing: FlowDoing): void;
  onFiles(files: readonly File[]): void;
  /** A file whose options are said first; null for one that is named by its address. */
  onFileWithOptions(file: File | null): void;
  onWebhooks(): void;
}

export default function FlowActions(props: FlowActionsProps) {
  const { rights, mayAddRecipe, onDo, onFiles, onFileWithOptions, onWebhooks } = props;
  return (
    <>
      {rights.change && (
        <>
          <AddDataset
            onFiles={onFiles}
            onFileWithOptions={onFileWithOptions}
            onExisting={() => onDo({ what: 'existing' })}
          />
          <Button
            variant="default"
            disabled={!mayAddRecipe}
            leftSection={<IconCode size={16} aria-hidden />}
            onClick={() => onDo({ what: 'recipe' })}
          >
            {graphText.addRecipe}
          </Button>
        </>
      )}
      <Button variant="default" leftSection={<IconWebhook size={16} aria-hidden />} onClick={onWebhooks}>
        {graphText.webhooks}
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
          {items
            .filter(({ needs }) => needs === undefined || rights[needs])
            .map(({ what, label, icon: Icon }) => (
              <Menu.Item
                key={what}
                leftSection={<Icon size={16} aria-hidden />}
                onClick={() => onDo({ what })}
              >
                {label}
              </Menu.Item>
            ))}
          {rights.own && (
            <>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => onDo({ what: 'remove' })}
              >
                {graphText.remove}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

interface Item {
  readonly what: FlowSubpage | 'run' | 'rename' | 'copy' | 'export';
  readonly label: string;
  readonly icon: typeof IconClock;
  /** What the person must be able to do with the flow; nothing for what everybody may look at. */
  readonly needs?: keyof FlowRights;
}

const items: readonly Item[] = [
  { what: 'run', label: flowRunText.runFlow, icon: IconPlayerPlay, needs: 'run' },
  { what: 'schedule', label: scheduleText.title, icon: IconClock },
  { what: 'parameters', label: parameterText.title, icon: IconAdjustments },
  { what: 'sharing', label: flowText.share, icon: IconUsers },
  { what: 'rename', label: graphText.rename, icon: IconPencil, needs: 'change' },
  { what: 'copy', label: flowText.copy, icon: IconCopy, needs: 'run' },
  { what: 'export', label: flowText.export, icon: IconFileExport },
];

interface AddDatasetProps {
  onFiles(files: readonly File[]): void;
  onFileWithOptions(file: File | null): void;
  onExisting(): void;
}

function AddDataset({ onFiles, onFileWithOptions, onExisting }: AddDatasetProps) {
  const choose = useRef<() => void>(() => undefined);
  return (
    <>
      <FileButton
        onChange={(file) => file !== null && onFileWithOptions(file)}
        inputProps={{ 'aria-label': graphText.uploadWithOptions }}
      >
        {({ onClick }) => {
          choose.current = onClick;
          return null;
        }}
      </FileButton>
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
              <Menu.Item
                leftSection={<IconAdjustments size={16} aria-hidden />}
                onClick={() => choose.current()}
              >
                {graphText.uploadWithOptions}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconFileExport size={16} aria-hidden />}
                onClick={() => onFileWithOptions(null)}
              >
                {graphText.addByAddress}
              </Menu.Item>
              <Menu.Item leftSection={<IconDatabase size={16} aria-hidden />} onClick={onExisting}>
                {graphText.addExisting}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </FileButton>
    </>
  );
}
