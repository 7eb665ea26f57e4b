// Where short notices stand; fetched after the page, with its styles.
import '@mantine/core/styles/Notification.css';
import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';

export default function Notices() {
  // At the right they lay over the buttons of a drawer.
  return <Notifications position="bottom-left" />;
}
