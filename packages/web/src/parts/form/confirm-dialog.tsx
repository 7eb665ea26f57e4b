// Asks before something is destroyed, and says what goes with it.
import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '@flowhook/client/problem';
import { partText } from '../../text/part.ts';
import { ProblemAlert } from '../page/problem-alert.tsx';

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly children?: ReactNode;
  /** What goes with it, a line each; empty for nothing. */
  readonly alsoGone?: readonly string[];
  readonly confirmLabel: string;
  /** Red unless it is false. */
  readonly destroys?: boolean;
  readonly pending?: boolean;
  readonly problem?: Problem | null;
  onConfirm(): void;
  onClose(): void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, children, alsoGone = [], confirmLabel, destroys = true, pending = false } = props;
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title={title}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <Stack>
        {children !== undefined && <Text component="div">{children}</Text>}
        {alsoGone.length > 0 && (
          <div>
            <Text fw={600}>{partText.alsoGone}</Text>
            <List>
              {alsoGone.map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
          </div>
        )}
        {props.problem && <ProblemAlert problem={props.problem} hasFields={false} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose} data-autofocus>
            {partText.cancel}
          </Button>
          <Button {...(destroys && { color: 'red.9' })} loading={pending} onClick={props.onConfirm}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
