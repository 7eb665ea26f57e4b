// People: list, make, change, reset a password, remove.
import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { personEndpoints } from '@flowhook/contract/person/person';
import { useEndpoint, useRows } from '../../../api/query.ts';
import { usePerson } from '../../../api/session-store.ts';
import { useChangeSearch, useSearchTexts } from '../../../parts/page/address.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { DataTable } from '../../../parts/table/data-table.tsx';
import { FilterBar } from '../../../parts/form/filter-bar.tsx';
import { IconPlus, IconSearch, IconUsers } from '../../../parts/icon.ts';
import { partText } from '../../../text/part.ts';
import { personText } from '../../../text/person.ts';
import type { ListedPerson, PersonAction } from './listed-person.ts';
import { personColumns } from './person-column.tsx';
import { SettingsFrame } from '../settings-frame.tsx';

const PersonDialog = lazy(() => import('./person-dialog.tsx'));
const ResetPasswordDialog = lazy(() => import('./reset-password-dialog.tsx'));
const RemovePersonDialog = lazy(() => import('./remove-person-dialog.tsx'));

type Doing = { readonly what: 'create' } | { readonly what: PersonAction; readonly person: ListedPerson };

export default function PeoplePage() {
  const me = usePerson();
  const [doing, setDoing] = useState<Doing | null>(null);
  const { filter = '', sort = 'name' } = useSearchTexts();
  const changeSearch = useChangeSearch();
  const people = useRows(personEndpoints.list, { query: { filter, filterFields: 'name,email', sort } });
  // Of the roles it is the first by name: two are enough to know whether one is the last.
  const administrators = useEndpoint(personEndpoints.list, { query: { sort: 'role', limit: 2 } });
  const found = administrators.data?.data.filter(({ role }) => role === 'administrator') ?? [];
  const lastId = found.length === 1 ? found[0]!.id : undefined;
  const close = () => setDoing(null);
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDoing({ what: 'create' })}>
      {personText.create}
    </Button>
  );
  return (
    <SettingsFrame title={personText.title} description={personText.detail} actions={create}>
      <FilterBar
        search={{
          label: personText.search,
          value: filter,
          onChange: (text) => changeSearch({ filter: text }),
        }}
        active={filter !== ''}
        onClear={() => changeSearch({ filter: undefined })}
      />
      <Answer
        of={people}
        isEmpty={(rows) => rows.length === 0}
        empty={
          filter === ''
            ? { icon: IconUsers, title: personText.emptyTitle, detail: personText.emptyDetail }
            : { icon: IconSearch, title: partText.noMatchTitle, detail: partText.noMatchDetail }
        }
      >
        {(rows) => (
          <DataTable
            label={personText.list}
            columns={personColumns(me.id, lastId, (what, person) => setDoing({ what, person }))}
            rows={rows}
            idOf={({ id }) => id}
            sort={sort}
            onSort={(value) => changeSearch({ sort: value })}
            hasMore={people.hasNextPage}
            loadingMore={people.isFetchingNextPage}
            onMore={() => void people.fetchNextPage()}
            onLook={people.look}
          />
        )}
      </Answer>
      <Suspense fallback={null}>
        {doing?.what === 'create' && <PersonDialog onClose={close} />}
        {doing?.what === 'change' && (
          <PersonDialog person={doing.person} isLast={doing.person.id === lastId} onClose={close} />
        )}
        {doing?.what === 'reset' && <ResetPasswordDialog person={doing.person} onClose={close} />}
        {doing?.what === 'remove' && <RemovePersonDialog person={doing.person} onClose={close} />}
      </Suspense>
    </SettingsFrame>
  );
}
