// The columns of the audit log.
import { Text } from '@mantine/core';
import type { z } from 'zod';
import type { auditEntry } from '@flowhook/contract/workspace/audit-log';
import type { WorkspaceSettingKey } from '@flowhook/contract/workspace/workspace';
import type { Column } from '../../../parts/table/data-table.tsx';
import { Moment } from '../../../parts/time/moment.tsx';
import { auditText } from '../../../text/audit.ts';
import { settingText } from '../../../text/setting.ts';
import classes from './audit.module.css';
import { listDifferences, nameMember, type Difference } from './difference.ts';

type Entry = z.output<typeof auditEntry>;

export const auditColumns: readonly Column<Entry>[] = [
  { key: 'at', title: auditText.when, width: '9.5rem', cell: ({ at }) => <Moment at={at} exact /> },
  {
    key: 'who',
    title: auditText.who,
    cell: ({ person }) => (
      <>
        {person?.name ?? auditText.byServer}
        {person !== null && (
          <Text size="xs" c="dimmed" className={classes['email']}>
            {person.email}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'what',
    title: auditText.what,
    cell: ({ action, objectKind, objectId }) => (
      <>
        {auditText.thing(nameKind(objectKind), objectId)}
        <Text size="xs" c="dimmed">
          {auditText.actions[action]}
        </Text>
      </>
    ),
  },
  {
    key: 'difference',
    title: auditText.difference,
    width: 'minmax(0, 2fr)',
    cell: ({ before, after }) => <Differences of={listDifferences(before, after)} />,
  },
];

function nameKind(kind: string): string {
  const key = kind.startsWith('setting ') ? kind.slice('setting '.length) : undefined;
  if (key !== undefined) return auditText.setting(settingText.labels[key as WorkspaceSettingKey] ?? key);
  return auditText.kinds[kind] ?? kind;
}

function Differences({ of }: { readonly of: readonly Difference[] }) {
  if (of.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {auditText.noDifference}
      </Text>
    );
  return (
    <ul className={classes['differences']}>
      {of.map(({ name, before, after }) => (
        <li key={name}>
          {name !== '' && <span className={classes['name']}>{nameMember(name)}</span>}
          {before !== null && <del aria-label={`${auditText.wasBefore} ${before}`}>{before}</del>}
          {before !== null && after !== null && <span aria-hidden className={classes['arrow']} />}
          {after !== null && <ins aria-label={`${auditText.isAfter} ${after}`}>{after}</ins>}
        </li>
      ))}
    </ul>
  );
}
