// The columns of the audit log.
import { Text, VisuallyHidden } from '@mantine/core';
import type { z } from 'zod';
import type { auditEntry } from '@flowhook/contract/workspace/audit-log';
import type { WorkspaceSettingKey } from '@flowhook/contract/workspace/workspace';
import { PageLink } from '../../../parts/page/page-link.tsx';
import type { Column } from '../../../parts/table/data-table.tsx';
import { Moment } from '../../../parts/time/moment.tsx';
import { auditText } from '../../../text/audit.ts';
import { settingText } from '../../../text/setting.ts';
import classes from './audit.module.css';
import { describeDifferences, nameThing, type AuditNames } from './audit-name.ts';
import type { Difference } from './difference.ts';

type Entry = z.output<typeof auditEntry>;

export const auditColumnsOf = (names: AuditNames): readonly Column<Entry>[] => [
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
    cell: (entry) => (
      <>
        <Thing entry={entry} names={names} />
        <Text size="xs" c="dimmed">
          {auditText.actions[entry.action]}
        </Text>
      </>
    ),
  },
  {
    key: 'difference',
    title: auditText.difference,
    width: 'minmax(0, 2fr)',
    cell: (entry) => <Differences of={describeDifferences(entry, names)} />,
  },
];

function Thing({ entry, names }: { readonly entry: Entry; readonly names: AuditNames }) {
  const { name, flow } = nameThing(entry, names);
  const kind = nameKind(entry.objectKind);
  return (
    <>
      {name === undefined ? auditText.thing(kind, entry.objectId) : auditText.named(kind, name)}
      {flow !== undefined && (
        <div>
          <PageLink to={`/flows/${flow.id}`} size="sm">
            {flow.name}
          </PageLink>
        </div>
      )}
    </>
  );
}

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
          {name !== '' && <span className={classes['name']}>{name}</span>}
          {before !== null && (
            <del>
              <VisuallyHidden>{auditText.wasBefore} </VisuallyHidden>
              {before || auditText.nothing}
            </del>
          )}
          {before !== null && after !== null && <span aria-hidden className={classes['arrow']} />}
          {after !== null && (
            <ins>
              <VisuallyHidden>{auditText.isAfter} </VisuallyHidden>
              {after || auditText.nothing}
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}
