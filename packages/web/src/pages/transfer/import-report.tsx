// What an import says about itself: what it makes, changes and leaves out, and why.
import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { EntryList } from '../../parts/table/entry-list.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { WarningList } from '../../parts/page/warning-list.tsx';
import { transferText as text } from '../../text/transfer.ts';
import { listParts, type Report } from './package-part.ts';

/** So many entries are shown until more are asked for. */
const maxShown = 50;

export function Makes({ report }: { readonly report: Report }) {
  const parts = listParts(report);
  if (parts.length === 0) return <Text>{text.nothing}</Text>;
  const facts = parts.map(({ kind, count, names, more }) => ({
    label: kind,
    value: [...(names.length === 0 ? [count] : names), ...(more > 0 ? [text.more(more)] : [])].join(', '),
  }));
  return <FactList facts={facts} />;
}

/** What did not come in as it was written: changed, left out, and what else is to be known. */
export function Differences({ report }: { readonly report: Report }) {
  const changes = [...report.importRuleChanges.object, ...report.importRuleChanges.value];
  const dropped = Object.entries(report.deletedObjects).flatMap(([kind, all]) =>
    all.map((each) => ({ ...each, kind })),
  );
  return (
    <>
      <WarningList title={text.notes} warnings={report.warnings} />
      <Entries
        title={text.changes(changes.length)}
        detail={text.changesDetail}
        entries={changes.map(({ path, from, to, reason }) => ({
          key: `${path} ${reason}`,
          content: (
            <>
              <Text size="sm">{text.became(from, to)}</Text>
              <Why path={path} reason={reason} />
            </>
          ),
        }))}
      />
      <Entries
        title={text.dropped(dropped.length)}
        detail={text.droppedDetail}
        entries={dropped.map(({ kind, path, name, reason }) => ({
          key: `${path} ${reason}`,
          content: (
            <>
              <Text size="sm" fw={600}>
                {text.droppedOne(kind, name)}
              </Text>
              <Why path={path} reason={reason} />
            </>
          ),
        }))}
      />
    </>
  );
}

function Why({ path, reason }: { readonly path: string; readonly reason: string }) {
  return (
    <Text size="sm" c="dimmed" component="div">
      {reason} <Code>{path}</Code>
    </Text>
  );
}

interface Entry {
  readonly key: string;
  readonly content: ReactNode;
}

interface EntriesProps {
  readonly title: string;
  readonly detail: string;
  readonly entries: readonly Entry[];
}

export function Entries({ title, detail, entries }: EntriesProps) {
  const [all, setAll] = useState(false);
  if (entries.length === 0) return null;
  const shown = all ? entries : entries.slice(0, maxShown);
  return (
    <Stack component="section" aria-label={title} gap="xs">
      <div>
        <Title order={3} size="h5">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {detail}
        </Text>
      </div>
      <EntryList>
        {shown.map(({ key, content }) => (
          <li key={key}>{content}</li>
        ))}
      </EntryList>
      {shown.length < entries.length && (
        <Button variant="subtle" w="max-content" onClick={() => setAll(true)}>
          {text.showAll(entries.length)}
        </Button>
      )}
    </Stack>
  );
}
