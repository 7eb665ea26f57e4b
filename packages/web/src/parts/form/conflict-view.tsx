// What somebody else has changed meanwhile beside what was typed here, and the choice between the two.
import { Button, Group, Paper, Radio, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { usePerson } from '../../api/session-store.ts';
import { conflictText as text } from '../../text/conflict.ts';
import { usePermissions } from '../flow-permission.ts';
import { formatMoment } from '../time/format.ts';
import type { Conflict } from './conflict.ts';
import classes from './conflict.module.css';
import { compareLines } from './line-difference.ts';

type Side = 'mine' | 'theirs';
/** By field. */
export type Sides = Readonly<Record<string, Side>>;

export interface OpenConflict {
  readonly conflicts: readonly Conflict[];
  /** Labels of what only the other changed. */
  readonly taken: readonly string[];
  readonly updatedAt: string;
  readonly updaterId: number | null;
  /** Whose people have names here. */
  readonly flowId: number | undefined;
  /** Saves what is chosen. */
  choose(sides: Sides): void;
}

interface ConflictViewProps {
  readonly conflict: OpenConflict;
  readonly pending: boolean;
}

export default function ConflictView({ conflict, pending }: ConflictViewProps) {
  const { conflicts, taken } = conflict;
  const [sides, setSides] = useState<Sides>({});
  const isOne = conflicts.length === 1;
  const isChosen = conflicts.every(({ field }) => sides[field] !== undefined);
  const words = isOne
    ? { mine: text.keepMine, theirs: text.takeTheirs }
    : { mine: text.keepAll, theirs: text.takeAll };
  const chooseAll = (side: Side) =>
    conflict.choose(Object.fromEntries(conflicts.map(({ field }) => [field, side])));
  return (
    <Paper withBorder p="sm" component="section" role="alert" aria-label={text.title}>
      <Stack gap="sm">
        <Stack gap={2}>
          <Text fw={600}>
            <Who conflict={conflict} />
          </Text>
          <Text size="sm">{text.detail}</Text>
          {taken.length > 0 && <Text size="sm">{text.alsoTaken(taken.join(', '))}</Text>}
        </Stack>
        {conflicts.map((each) =>
          isOne ? (
            <Stack key={each.field} gap={6}>
              <Text fw={600} size="sm">
                {each.label}
              </Text>
              <Both of={each} />
            </Stack>
          ) : (
            <Radio.Group
              key={each.field}
              label={each.label}
              value={sides[each.field] ?? ''}
              onChange={(side) => setSides({ ...sides, [each.field]: side as Side })}
            >
              <Stack gap={6}>
                <Both of={each} />
                <Group gap="md">
                  <Radio value="mine" label={text.keepMine} />
                  <Radio value="theirs" label={text.takeTheirs} />
                </Group>
              </Stack>
            </Radio.Group>
          ),
        )}
        <Group gap="xs">
          {!isOne && isChosen && (
            <Button type="button" size="xs" loading={pending} onClick={() => conflict.choose(sides)}>
              {text.saveChoice}
            </Button>
          )}
          {(['mine', 'theirs'] as const).map((side) => (
            <Button
              key={side}
              type="button"
              size="xs"
              variant="default"
              disabled={pending}
              onClick={() => chooseAll(side)}
            >
              {words[side]}
            </Button>
          ))}
        </Group>
        {!isOne && !isChosen && (
          <Text size="xs" c="dimmed">
            {text.choose}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function Who({ conflict }: { readonly conflict: OpenConflict }) {
  return conflict.flowId === undefined ? text.title : <Named conflict={conflict} flowId={conflict.flowId} />;
}

interface NamedProps {
  readonly conflict: OpenConflict;
  readonly flowId: number;
}

function Named({ conflict: { updaterId, updatedAt }, flowId }: NamedProps) {
  const me = usePerson();
  const people = usePermissions(flowId);
  const at = formatMoment(Date.parse(updatedAt));
  if (updaterId === me.id) return text.byYourself(at);
  const found = people.data?.data.find(({ person }) => person.id === updaterId);
  return found === undefined ? text.title : text.by(found.person.name, at);
}

function Both({ of: { label, there, yours } }: { readonly of: Conflict }) {
  const isLong = [there, yours].some((value) => value !== null && value.includes('\n'));
  if (isLong && there !== null && yours !== null) return <Lines label={label} there={there} yours={yours} />;
  return (
    <dl style={{ margin: 0 }}>
      <Text component="dt" size="xs" c="dimmed">
        {text.there}
      </Text>
      <Text component="dd" size="sm" className={classes['value'] ?? ''}>
        {there === null ? text.hidden : there === '' ? text.nothing : there}
      </Text>
      <Text component="dt" size="xs" c="dimmed" mt={4}>
        {text.yours}
      </Text>
      <Text component="dd" size="sm" className={classes['value'] ?? ''}>
        {yours === null ? text.hiddenYours : yours === '' ? text.nothing : yours}
      </Text>
    </dl>
  );
}

interface LinesProps {
  readonly label: string;
  readonly there: string;
  readonly yours: string;
}

function Lines({ label, there, yours }: LinesProps) {
  const lines = compareLines(there, yours);
  return (
    <>
      <Text size="xs" c="dimmed" className={classes['legend'] ?? ''}>
        <del>{`− ${text.there}`}</del> <ins>{`+ ${text.yours}`}</ins>
      </Text>
      <pre className={classes['lines']} tabIndex={0} role="region" aria-label={text.differenceOf(label)}>
        {lines.map((line, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- Lines have no other identity, and never change.
          <Line key={at} {...line} />
        ))}
      </pre>
    </>
  );
}

function Line({ of, text: line }: ReturnType<typeof compareLines>[number]) {
  const shown = line === '' ? '\u00A0' : line;
  if (of === 'both') return <span className={classes['same']}>{shown}</span>;
  const Tag = of === 'first' ? 'del' : 'ins';
  return (
    <Tag>
      <VisuallyHidden component="span">{of === 'first' ? text.removed : text.added}</VisuallyHidden>
      {shown}
    </Tag>
  );
}
