// Short notices at the edge of the window; read out by screen readers.
import type { NotificationData } from '@mantine/notifications';
import { toProblem } from '../../api/api-problem.ts';
import { partText } from '../../text/part.ts';

/** The code that shows them is not part of the first load. */
async function show(notice: NotificationData): Promise<void> {
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
