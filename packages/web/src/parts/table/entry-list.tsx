// A framed list of things with some lines each; its children are list items.
import type { ReactNode } from 'react';
import classes from './entry-list.module.css';

interface EntryListProps {
  /** What it lists, where no heading says it. */
  readonly label?: string;
  readonly children: ReactNode;
}

export function EntryList({ label, children }: EntryListProps) {
  return (
    <ul className={classes['entries']} aria-label={label}>
      {children}
    </ul>
  );
}
