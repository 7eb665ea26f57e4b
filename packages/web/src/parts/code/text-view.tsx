// A body or another stored text: JSON is laid out to be read and copied as it is, what the server masked is said to be so.
import { Group, Text } from '@mantine/core';
import { partText } from '../../text/part.ts';
import { CodeBlock } from './code-block.tsx';
import { IconLock } from '../icon.ts';
import { layOut } from './json-layout.ts';

interface TextViewProps {
  readonly text: string;
  readonly label: string;
  /** The server's sign for a masked value. */
  readonly mask?: string;
}

export function TextView({ text, label, mask = '***' }: TextViewProps) {
  const hasMask = text.includes(mask);
  const laid = layOut(text);
  return (
    <>
      <CodeBlock code={laid} copied={text} label={label} wrap />
      {laid !== text && (
        <Text size="xs" c="dimmed" mt={4}>
          {partText.laidOut}
        </Text>
      )}
      {hasMask && (
        <Group gap={6} mt={4}>
          <IconLock size={14} aria-hidden />
          <Text size="xs" c="dimmed">
            {partText.secretMasked}
          </Text>
        </Group>
      )}
    </>
  );
}
