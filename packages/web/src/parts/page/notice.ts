// Short notices at the edge of the window; read out by screen readers.
import type { NotificationData } from '@mantine/notifications';
import { useSyncExternalStore } from 'react';
import { toProblem } from '../../api/api-problem.ts';
import { partText } from '../../text/part.ts';

let isWanted = false;
const listeners = new Set<() => void>();

/** True from the first notice on: where they stand is drawn then, if it is not yet. */
export function useNoticeWanted(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => isWanted,
  );
}

/** The code that shows them is not part of the first load. */
async function show(notice: NotificationData): Promise<void> {
  isWanted = true;
  for (const listener of listeners) listener();
  const { notifications } = await import('@mantine/notifications');
  notifications.show({ ...notice, closeButtonProps: { 'aria-label': partText.close } });
}

export function notifyDone(message: string): void {
  void show({ message, color: 'teal' });
}

export function notifyProblem(error: unknown): void {
  const { title, detail } = toProblem(error);
  void show({
    title,
    message: detail,
    color: 'red',
    autoClose: 10_000,
    role: 'alert',
  });
}
