// How long until a time, counting down; the exact time on hover and focus.
import { Tooltip } from '@mantine/core';
import { attemptText } from '../../text/webhook/attempt.ts';
import { formatDuration, formatExact } from './format.ts';
import classes from './moment.module.css';
import { useNow } from './now.ts';

export function Countdown({ to }: { /** ISO 8601. */ readonly to: string }) {
  const now = useNow();
  const time = Date.parse(to);
  // Whole seconds: tenths would only flicker.
  const left = Math.ceil((time - now) / 1000) * 1000;
  return (
    <Tooltip label={formatExact(time)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={to} tabIndex={0} className={classes['moment']}>
        {left <= 0 ? attemptText.now : attemptText.in(formatDuration(left))}
      </time>
    </Tooltip>
  );
}
