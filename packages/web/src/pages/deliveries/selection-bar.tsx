// What can be done with the selected deliveries; and selecting all that match, beyond those that are loaded.
import { Button, Group, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { call } from '../../api/call.ts';
import { formatNumber } from '../../parts/time/format.ts';
import { notifyProblem } from '../../parts/page/notice.ts';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { partText } from '../../text/part.ts';
import type { BulkKind } from './bulk-run.ts';
import type { DeliveryQuery } from './delivery-filter.ts';
import classes from './delivery-list.module.css';

const BulkDialog = lazy(() => import('./bulk-dialog.tsx'));

/** The most that are selected at once. */
const maxSelected = 10_000;
const pageSize = 1000;

interface SelectionBarProps {
  readonly selected: ReadonlySet<number>;
  onSelect(ids: ReadonlySet<number>): void;
  /** How many match in all, where it is known. */
  readonly count: number | undefined;
  readonly query: DeliveryQuery;
}

export function SelectionBar({ selected, onSelect, count, query }: SelectionBarProps) {
  const [doing, setDoing] = useState<{ kind: BulkKind; ids: readonly number[] } | null>(null);
  const [collecting, setCollecting] = useState(false);
  if (selected.size === 0 && doing === null) return null;
  const start = (kind: BulkKind) => setDoing({ kind, ids: [...selected].sort((a, b) => a - b) });
  const selectAll = async () => {
    setCollecting(true);
    try {
      onSelect(await collectIds(query));
    } catch (error) {
      notifyProblem(error);
    } finally {
      setCollecting(false);
    }
  };
  const wanted = Math.min(count ?? 0, maxSelected);
  return (
    <div className={classes['bar']} role="group" aria-label={deliveryText.selectionBar}>
      <Group gap="xs">
        <Text size="sm" fw={600} role="status">
          {partText.selected(selected.size)}
        </Text>
        {wanted > selected.size && (
          <Button size="xs" variant="subtle" loading={collecting} onClick={() => void selectAll()}>
            {count === wanted
              ? deliveryText.selectAllOf(formatNumber(wanted))
              : deliveryText.selectNewest(formatNumber(wanted))}
          </Button>
        )}
        <Button size="xs" onClick={() => start('redeliver')}>
          {deliveryText.redeliver}
        </Button>
        <Button size="xs" variant="default" onClick={() => start('sendAsNew')}>
          {deliveryText.sendAsNew}
        </Button>
        <Button size="xs" variant="default" onClick={() => start('cancel')}>
          {deliveryText.cancelMany}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => onSelect(new Set())}>
          {partText.clearSelection}
        </Button>
      </Group>
      <Suspense fallback={null}>
        {doing !== null && (
          <BulkDialog
            {...doing}
            onClose={(left) => {
              setDoing(null);
              onSelect(new Set(left));
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** Ids of all that match, the newest first. */
async function collectIds(query: DeliveryQuery): Promise<ReadonlySet<number>> {
  const ids = new Set<number>();
  let after: number | undefined;
  while (ids.size < maxSelected) {
    const { data } = await call(webhookDeliveryEndpoints.list, {
      query: { ...query, fields: 'id', limit: pageSize, after },
    });
    for (const { id } of data) ids.add(id);
    after = data.at(-1)?.id;
    if (data.length < pageSize) break;
  }
  return ids;
}
