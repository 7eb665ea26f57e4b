// Asks before a person is removed: what ends with them, what goes on, and who gets what they own.
import { List, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { personEndpoints } from '@flowhook/contract/person/person';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useChange, useEndpoint } from '../../../api/query.ts';
import { noteSignedOut, usePerson } from '../../../api/session-store.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { ConfirmDialog } from '../../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { personText } from '../../../text/person.ts';
import type { ListedPerson } from './listed-person.ts';

interface RemovePersonDialogProps {
  readonly person: ListedPerson;
  onClose(): void;
}

type Removal = AnswerOf<typeof personEndpoints.removal>;
/** So many names are read; more are counted. */
const maxNames = 8;

export default function RemovePersonDialog({ person: { id, name }, onClose }: RemovePersonDialogProps) {
  const me = usePerson();
  const [owner, setOwner] = useState('');
  const [asked, setAsked] = useState(false);
  const removal = useEndpoint(personEndpoints.removal, { params: { id } }, { staleTime: 0 });
  const remove = useChange(personEndpoints.remove, {
    refreshes: ['/v4/auditLog', '/v4/flows', '/v4/importedDatasets'],
    onDone: () => {
      notifyDone(personText.removed(name));
      onClose();
      if (id === me.id) noteSignedOut();
    },
  });
  const owns = removal.data === undefined ? [] : listOwned(removal.data);
  const confirm = () => {
    setAsked(true);
    if (removal.data === undefined || (owns.length > 0 && owner === '')) return;
    remove.mutate({ params: { id }, ...(owns.length > 0 && { query: { transferTo: Number(owner) } }) });
  };
  return (
    <ConfirmDialog
      opened
      title={personText.removeTitle(name)}
      confirmLabel={personText.remove}
      alsoGone={removal.data === undefined ? [] : listEnding(removal.data)}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Stack>
        <Text size="sm">{personText.removeDetail}</Text>
        {id === me.id && (
          <Text size="sm" fw={600}>
            {personText.removeSelf}
          </Text>
        )}
        <Answer of={removal} lines={3}>
          {({ runningJobGroups, schedules }) => (
            <>
              {owns.length === 0 ? (
                <Text size="sm">{personText.ownsNothing}</Text>
              ) : (
                <>
                  <div>
                    <Text size="sm">{personText.owns}</Text>
                    <List size="sm">
                      {shorten(owns).map((line) => (
                        <List.Item key={line}>{line}</List.Item>
                      ))}
                    </List>
                  </div>
                  <OwnerSelect
                    without={id}
                    value={owner}
                    error={asked && owner === '' ? personText.transferNeeded : undefined}
                    onChange={setOwner}
                  />
                </>
              )}
              {schedules.length > 0 && <Text size="sm">{personText.schedules(schedules.length)}</Text>}
              {runningJobGroups.length > 0 && (
                <Text size="sm">{personText.jobs(runningJobGroups.length)}</Text>
              )}
            </>
          )}
        </Answer>
      </Stack>
    </ConfirmDialog>
  );
}

interface OwnerSelectProps {
  readonly without: number;
  readonly value: string;
  readonly error: string | undefined;
  onChange(value: string): void;
}

function OwnerSelect({ without, value, error, onChange }: OwnerSelectProps) {
  const people = useEndpoint(personEndpoints.list, { query: { noLimit: 'true', sort: 'name' } });
  const able = people.data?.data.filter(({ id, role }) => id !== without && role !== 'viewer') ?? [];
  const options = able.map(({ id, name, email }) => ({ value: String(id), label: `${name} (${email})` }));
  return (
    <NativeSelect
      label={personText.transferTo}
      description={personText.transferHint}
      data={[{ value: '', label: personText.choose }, ...options]}
      value={value}
      error={error}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function listOwned({ flows, schedules, importedDatasets }: Removal): string[] {
  const countOf = (flowId: number) => schedules.filter(({ flow }) => flow.id === flowId).length;
  return [
    ...flows.map(({ id, name }) => personText.flow(name, countOf(id))),
    ...importedDatasets.map(({ name }) => personText.dataset(name)),
  ];
}

function listEnding({ apiAccessTokens, sharedFlows, sessionCount }: Removal): string[] {
  const tokens = apiAccessTokens.map(({ description }) => description || personText.token);
  return [
    ...(sessionCount > 0 ? [personText.sessions(sessionCount)] : []),
    ...(tokens.length > 0 ? [personText.tokens(shorten(tokens).join(', '))] : []),
    ...(sharedFlows.length > 0
      ? [personText.shares(shorten(sharedFlows.map(({ name }) => name)).join(', '))]
      : []),
  ];
}

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= maxNames) return lines;
  return [...lines.slice(0, maxNames), personText.more(lines.length - maxNames)];
}
