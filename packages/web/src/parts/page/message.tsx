// A message in place of content: nothing there yet, not found, no permission.
import { Stack, Text, Title } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';
import classes from './message.module.css';

export interface MessageProps {
  readonly icon?: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
  readonly title: string;
  readonly detail?: ReactNode;
  /** A button that leads on. */
  readonly action?: ReactNode;
}

export function Message({ icon: Icon, title, detail, action }: MessageProps) {
  return (
    <Stack align="center" gap="xs" className={classes['message']}>
      {Icon !== undefined && <Icon size={36} stroke={1.4} aria-hidden />}
      <Title order={2} size="h4" ta="center">
        {title}
      </Title>
      {detail !== undefined && (
        <Text c="dimmed" ta="center" maw={460} component="div">
          {detail}
        </Text>
      )}
      {action}
    </Stack>
  );
}
