// Copies a text, and says so to eyes and ears.
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { partText } from '../../text/part.ts';
import { IconCheck, IconCopy } from '../icon.ts';

interface CopyButtonProps {
  readonly value: string;
  /** What is copied, for those who don't see it: `Copy the address`. */
  readonly label?: string;
  /** A button with its word in place of an icon. */
  readonly wide?: boolean;
}

export function CopyButton({ value, label = partText.copy, wide = false }: CopyButtonProps) {
  const { copied, error, copy } = useClipboard();
  const said = error !== null ? partText.copyFailed : copied ? partText.copied : label;
  const icon = copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />;
  if (wide) {
    return (
      <Button variant="default" leftSection={icon} onClick={() => copy(value)}>
        <span aria-live="polite">{said}</span>
      </Button>
    );
  }
  return (
    <Tooltip label={said}>
      <ActionIcon variant="subtle" color="gray" aria-label={said} onClick={() => copy(value)}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
