// A time: how long ago or ahead, with the exact time in the viewer's zone on hover and focus.
import { Tooltip } from '@mantine/core';
import { partText } from '../../text/part.ts';
import { formatExact, formatMoment, formatRelative } from './format.ts';
import classes from './moment.module.css';
import { useNow } from './now.ts';

interface MomentProps {
  /** ISO 8601. */
  readonly at: string | null | undefined;
  /** What stands there where there is no time; `never` unless given. */
  readonly none?: string;
  /** Day and minute in place of how long ago. */
  readonly exact?: boolean;
}

export function Moment({ at, none = partText.never, exact = false }: MomentProps) {
  const now = useNow();
  if (at === null || at === undefined) return <span className={classes['none']}>{none}</span>;
  const time = Date.parse(at);
  return (
    <Tooltip label={formatExact(time)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at} tabIndex={0} className={classes['moment']}>
        {exact ? formatMoment(time) : formatRelative(time, now)}
      </time>
    </Tooltip>
  );
}
