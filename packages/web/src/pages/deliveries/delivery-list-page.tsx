// Deliveries across all flows: search, filters in the address, many at once, export.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import { deliverySelectionEndpoints } from '@flowhook/contract/webhook/delivery-selection';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { addressOf } from '../../api/call.ts';
import { useEndpoint, useRows } from '../../api/query.ts';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { useChangeSearch, useSearchTexts } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable } from '../../parts/table/data-table.tsx';
import { FilterBar } from '../../parts/form/filter-bar.tsx';
import { IconDownload, IconFilter, IconSearch, IconSend } from '../../parts/icon.ts';
import { useNow } from '../../parts/time/now.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { partText } from '../../text/part.ts';
import { deliveryColumns } from './delivery-column.tsx';
import { filterNames, readFilter, toQuery, type DeliveryFilter } from './delivery-filter.ts';
import classes from './delivery-list.module.css';
import { SelectionBar } from './selection-bar.tsx';

const DeliveryFilterFields = lazy(() => import('./delivery-filter-fields.tsx'));

const none: ReadonlySet<number> = new Set();
const pageSize = 500;
const minuteMs = 60_000;

export default function DeliveryListPage() {
  const mayChange = hasRole(usePerson(), 'author');
  const search = useSearchTexts();
  const filter = readFilter(search);
  const changeSearch = useChangeSearch();
  const query = useQueryOf(filter);
  const deliveries = useRows(
    webhookDeliveryEndpoints.list,
    { query: { ...query, embed: 'flow' } },
    { pageSize, cursorOf: ({ id }) => id },
  );
  const count = useEndpoint(webhookDeliveryEndpoints.count, { query }, { keepPrevious: true });
  const [selected, select] = useState(none);
  // Only narrow windows close the fields.
  const [opened, { toggle: turn }] = useDisclosure();
  const change = (changed: DeliveryFilter) => {
    // What is not seen any more must not be acted on.
    select(none);
    changeSearch(changed);
  };
  const filtered = Object.keys(filter).length > 0;
  return (
    <PageFrame title={deliveryText.title} width="wide" actions={<ExportButton query={query} />}>
      <FilterBar
        search={{
          label: deliveryText.search,
          value: filter.search ?? '',
          onChange: (text) => change({ search: text }),
        }}
        active={filtered}
        onClear={() => change(Object.fromEntries(filterNames.map((name) => [name, ''])))}
      >
        <Button
          variant="default"
          className={classes['turn']}
          aria-expanded={opened}
          leftSection={<IconFilter size={16} aria-hidden />}
          onClick={turn}
        >
          {deliveryText.moreFilters}
        </Button>
        <div className={classes['fields']} data-opened={opened}>
          <Suspense fallback={<div aria-busy="true" />}>
            <DeliveryFilterFields filter={filter} onChange={change} />
          </Suspense>
        </div>
      </FilterBar>
      {/* Not in the answer: what is done with many may empty the list, and must not end by it. */}
      {mayChange && (
        <SelectionBar selected={selected} onSelect={select} count={count.data?.count} query={query} />
      )}
      <Answer
        of={deliveries}
        isEmpty={(rows) => rows.length === 0}
        empty={
          filtered
            ? { icon: IconSearch, title: partText.noMatchTitle, detail: partText.noMatchDetail }
            : { icon: IconSend, title: deliveryText.emptyTitle, detail: deliveryText.emptyDetail }
        }
      >
        {(rows) => (
          <DataTable
            label={deliveryText.list}
            columns={deliveryColumns}
            rows={rows}
            idOf={({ id }) => id}
            nameOf={({ id, webhookFlowTask }) => deliveryText.openOf(id, webhookFlowTask.name)}
            {...(mayChange && {
              selection: { ids: selected, onChange: (ids) => select(ids as ReadonlySet<number>) },
            })}
            {...(count.data !== undefined && { count: count.data.count + 1 })}
            hasMore={deliveries.hasNextPage}
            loadingMore={deliveries.isFetchingNextPage}
            onMore={() => void deliveries.fetchNextPage()}
            onLook={deliveries.look}
          />
        )}
      </Answer>
    </PageFrame>
  );
}

/** A range such as the last hour begins when it is chosen: a list whose question moves along would begin anew each minute. */
function useQueryOf(filter: DeliveryFilter) {
  const now = useNow(minuteMs);
  const text = JSON.stringify(filter);
  const [chosen, choose] = useState({ text, query: toQuery(filter, now) });
  if (chosen.text === text) return chosen.query;
  const query = toQuery(filter, now);
  choose({ text, query });
  return query;
}

function ExportButton({ query }: { readonly query: ReturnType<typeof toQuery> }) {
  return (
    <Button
      component="a"
      variant="default"
      href={addressOf(deliverySelectionEndpoints.export, { query })}
      download="deliveries.csv"
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      {deliveryText.export}
    </Button>
  );
}
