// Does one thing with many deliveries, part by part: can be paused, goes on after a failure, says of each what was refused.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { deliverySelectionEndpoints } from '@flowhook/contract/webhook/delivery-selection';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { refresh } from '../../api/query.ts';

export type BulkKind = 'redeliver' | 'sendAsNew' | 'cancel';

export interface Refusal {
  readonly id: number;
  readonly detail: string;
}

export interface BulkState {
  readonly left: readonly number[];
  readonly done: number;
  readonly refused: readonly Refusal[];
  readonly running: boolean;
  /** Why it stopped; what is left can be gone on with. */
  readonly problem: Problem | null;
}

/** What is asked for in one request. Few where a lost answer would leave it open whether it was done. */
export const partSizes: Readonly<Record<BulkKind, number>> = { redeliver: 50, sendAsNew: 10, cancel: 1 };

export function useBulkRun(kind: BulkKind, ids: readonly number[]) {
  const client = useQueryClient();
  const [state, setState] = useState<BulkState>({
    left: ids,
    done: 0,
    refused: [],
    running: false,
    problem: null,
  });
  const stopped = useRef(false);
  useEffect(() => () => void (stopped.current = true), []);

  async function run(): Promise<void> {
    stopped.current = false;
    let now: BulkState = { ...state, running: true, problem: null };
    const show = (change: Partial<BulkState>) => setState((now = { ...now, ...change }));
    show({});
    try {
      while (now.left.length > 0 && !stopped.current) {
        const part = now.left.slice(0, partSizes[kind]);
        const refused = await doPart(kind, part);
        show({
          left: now.left.slice(part.length),
          done: now.done + part.length - refused.length,
          refused: [...now.refused, ...refused],
        });
      }
    } catch (error) {
      show({ problem: toProblem(error) });
    }
    show({ running: false });
    refresh(client, ['/v4/webhookDeliveries', '/v4/jobGroups', '/v4/statistics']);
  }

  return { state, run, pause: () => void (stopped.current = true) };
}

async function doPart(kind: BulkKind, ids: readonly number[]): Promise<Refusal[]> {
  if (kind === 'cancel') return cancelOne(ids[0]!);
  const { data } = await call(deliverySelectionEndpoints.redeliver, {
    body: { ids: [...ids], asNew: kind === 'sendAsNew' },
  });
  return data.flatMap(({ id, problem }) => (problem === null ? [] : [{ id, detail: problem.detail }]));
}

/** What the state of a delivery forbids is a refusal of that one; anything else stops the run. */
async function cancelOne(id: number): Promise<Refusal[]> {
  try {
    await call(webhookDeliveryEndpoints.cancel, { params: { id } });
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || ![403, 404, 409, 410].includes(error.status)) throw error;
    return [{ id, detail: error.detail }];
  }
}
