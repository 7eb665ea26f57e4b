// The audit log: filters in the address, the newest first, what was and what is.
import { NativeSelect, TextInput } from '@mantine/core';
import { auditActions, auditLogEndpoints } from '@flowhook/contract/workspace/audit-log';
import { personEndpoints } from '@flowhook/contract/person/person';
import { workspaceSettings, type WorkspaceSettingKey } from '@flowhook/contract/workspace/workspace';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { useMemo } from 'react';
import { useEndpoint, useRows } from '../../../api/query.ts';
import { useChangeSearch, useSearchTexts } from '../../../parts/page/address.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { DataTable } from '../../../parts/table/data-table.tsx';
import { FilterBar } from '../../../parts/form/filter-bar.tsx';
import { IconHistory, IconSearch } from '../../../parts/icon.ts';
import { auditText } from '../../../text/audit.ts';
import { partText } from '../../../text/part.ts';
import { settingText } from '../../../text/setting.ts';
import { auditColumnsOf } from './audit-column.tsx';
import { beginOfDay } from './day-range.ts';
import { SettingsFrame } from '../settings-frame.tsx';

const names = ['person', 'action', 'kind', 'from', 'until', 'filter'] as const;

export default function AuditPage() {
  const search = useSearchTexts();
  const changeSearch = useChangeSearch();
  const { person, action, kind, from, until, filter = '' } = search;
  const entries = useRows(
    auditLogEndpoints.list,
    {
      query: {
        personId: Number(person) > 0 ? person : undefined,
        action: auditActions.find((each) => each === action),
        objectKind: kind,
        filter,
        from: beginOfDay(from),
        to: beginOfDay(until, 1),
      },
    },
    { cursorOf: ({ id }) => id },
  );
  const columns = useColumns();
  const filtered = names.some((name) => (search[name] ?? '') !== '');
  return (
    <SettingsFrame title={auditText.title} description={auditText.detail}>
      <FilterBar
        search={{
          label: auditText.search,
          value: filter,
          onChange: (text) => changeSearch({ filter: text }),
        }}
        active={filtered}
        onClear={() => changeSearch(Object.fromEntries(names.map((name) => [name, undefined])))}
      >
        <Filters />
      </FilterBar>
      <Answer
        of={entries}
        isEmpty={(rows) => rows.length === 0}
        empty={
          filtered
            ? { icon: IconSearch, title: partText.noMatchTitle, detail: partText.noMatchDetail }
            : { icon: IconHistory, title: auditText.emptyTitle, detail: auditText.emptyDetail }
        }
      >
        {(rows) => (
          <DataTable
            label={auditText.list}
            columns={columns}
            rows={rows}
            idOf={({ id }) => id}
            hasMore={entries.hasNextPage}
            loadingMore={entries.isFetchingNextPage}
            onMore={() => void entries.fetchNextPage()}
            onLook={entries.look}
          />
        )}
      </Answer>
    </SettingsFrame>
  );
}

const byName = { query: { noLimit: 'true', sort: 'name' } } as const;

function useColumns() {
  const people = useEndpoint(personEndpoints.list, byName).data?.data;
  const flows = useEndpoint(flowEndpoints.list, byName).data?.data;
  return useMemo(() => auditColumnsOf({ people: toNames(people), flows: toNames(flows) }), [people, flows]);
}

function toNames(rows: readonly { readonly id: number; readonly name: string }[] = []) {
  return new Map(rows.map(({ id, name }) => [id, name]));
}

const kindChoices = [
  { value: '', label: auditText.anyKind },
  ...Object.entries(auditText.kinds).map(([value, label]) => ({ value, label })),
  ...Object.keys(workspaceSettings.shape).map((key) => ({
    value: `setting ${key}`,
    label: auditText.setting(settingText.labels[key as WorkspaceSettingKey]),
  })),
];
const actionChoices = [
  { value: '', label: auditText.anyAction },
  ...auditActions.map((value) => ({ value, label: auditText.actions[value] })),
];

function Filters() {
  const { person = '', action = '', kind = '', from = '', until = '' } = useSearchTexts();
  const changeSearch = useChangeSearch();
  const people = useEndpoint(personEndpoints.list, byName);
  const known = people.data?.data.map(({ id, name }) => ({ value: String(id), label: name })) ?? [];
  return (
    <>
      <NativeSelect
        label={auditText.person}
        data={[{ value: '', label: auditText.anybody }, ...withChosen(known, person)]}
        value={person}
        onChange={({ currentTarget }) => changeSearch({ person: currentTarget.value })}
        maw="12rem"
      />
      <NativeSelect
        label={auditText.action}
        data={actionChoices}
        value={action}
        onChange={({ currentTarget }) => changeSearch({ action: currentTarget.value })}
      />
      <NativeSelect
        label={auditText.kind}
        data={withChosen(kindChoices, kind)}
        value={kind}
        onChange={({ currentTarget }) => changeSearch({ kind: currentTarget.value })}
        maw="14rem"
      />
      <TextInput
        type="date"
        label={auditText.from}
        value={from}
        onChange={({ currentTarget }) => changeSearch({ from: currentTarget.value })}
      />
      <TextInput
        type="date"
        label={auditText.until}
        value={until}
        onChange={({ currentTarget }) => changeSearch({ until: currentTarget.value })}
      />
    </>
  );
}

/** Whoever was removed is in no list, and what they changed is still found. */
function withChosen(choices: readonly { value: string; label: string }[], value: string) {
  const isKnown = value === '' || choices.some((choice) => choice.value === value);
  return isKnown ? [...choices] : [...choices, { value, label: value }];
}
