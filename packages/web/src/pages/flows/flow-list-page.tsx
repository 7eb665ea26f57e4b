// The list of flows: search, owner, last job and its state; new, import, and what is done with one.
import { Button, SegmentedControl } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { useRows } from '../../api/query.ts';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { useChangeSearch, useGo, useSearchTexts } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable } from '../../parts/table/data-table.tsx';
import { FilterBar } from '../../parts/form/filter-bar.tsx';
import { IconFileImport, IconPlus, IconRoute, IconSearch } from '../../parts/icon.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageButton } from '../../parts/page/page-link.tsx';
import { flowText } from '../../text/flow.ts';
import { partText } from '../../text/part.ts';
import { flowColumns } from './flow-column.tsx';
import type { FlowAction, ListedFlow } from './listed-flow.ts';

const FlowDialog = lazy(() => import('./flow-dialog.tsx'));
const DeleteFlowDialog = lazy(() => import('./delete-flow-dialog.tsx'));
const CopyDialog = lazy(() => import('../transfer/copy-dialog.tsx'));
const ExportDialog = lazy(() => import('../transfer/export-dialog.tsx'));

type Doing = { readonly what: FlowAction; readonly flow: ListedFlow };

export default function FlowListPage() {
  const person = usePerson();
  const [doing, setDoing] = useState<Doing | null>(null);
  const { filter = '', whose = 'all', sort = '-updatedAt', new: creating } = useSearchTexts();
  const changeSearch = useChangeSearch();
  const go = useGo();
  const flows = useRows(flowEndpoints.list, {
    query: {
      filter,
      flowsFilter: whose as 'all',
      sort,
      embed: 'owner,lastJobGroup',
    },
  });
  const filtered = filter !== '' || whose !== 'all';
  const mayCreate = hasRole(person, 'author');
  const create = mayCreate && (
    <>
      <PageButton to="/flows/import" variant="default" leftSection={<IconFileImport size={16} aria-hidden />}>
        {flowText.import}
      </PageButton>
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => changeSearch({ new: 'true' })}>
        {flowText.create}
      </Button>
    </>
  );
  const close = () => setDoing(null);
  const begin = (what: FlowAction, flow: ListedFlow) =>
    what === 'share' ? go(`/flows/${flow.id}/sharing`) : setDoing({ what, flow });
  return (
    <PageFrame title={flowText.title} actions={create}>
      <FilterBar
        search={{
          label: flowText.search,
          value: filter,
          onChange: (text) => changeSearch({ filter: text }),
        }}
        active={filtered}
        onClear={() => changeSearch({ filter: undefined, whose: undefined })}
      >
        <SegmentedControl
          aria-label={flowText.whose}
          value={whose}
          onChange={(value) => changeSearch({ whose: value === 'all' ? undefined : value })}
          data={[
            { value: 'all', label: flowText.whoseAll },
            { value: 'owned', label: flowText.whoseOwned },
            { value: 'shared', label: flowText.whoseShared },
          ]}
        />
      </FilterBar>
      <Answer
        of={flows}
        isEmpty={(rows) => rows.length === 0}
        empty={
          filtered
            ? { icon: IconSearch, title: partText.noMatchTitle, detail: partText.noMatchDetail }
            : { icon: IconRoute, title: flowText.emptyTitle, detail: flowText.emptyDetail }
        }
      >
        {(rows) => (
          <DataTable
            label={flowText.list}
            columns={flowColumns(person, begin)}
            rows={rows}
            idOf={({ id }) => id}
            sort={sort}
            onSort={(value) => changeSearch({ sort: value })}
            hasMore={flows.hasNextPage}
            loadingMore={flows.isFetchingNextPage}
            onMore={() => void flows.fetchNextPage()}
            onLook={flows.look}
          />
        )}
      </Answer>
      <Suspense fallback={null}>
        {mayCreate && creating !== undefined && (
          <FlowDialog onClose={() => changeSearch({ new: undefined })} />
        )}
        {doing?.what === 'rename' && <FlowDialog flow={doing.flow} onClose={close} />}
        {doing?.what === 'copy' && <CopyDialog flow={doing.flow} onClose={close} />}
        {doing?.what === 'export' && <ExportDialog flow={doing.flow} onClose={close} />}
        {doing?.what === 'remove' && <DeleteFlowDialog flow={doing.flow} onClose={close} />}
      </Suspense>
    </PageFrame>
  );
}
