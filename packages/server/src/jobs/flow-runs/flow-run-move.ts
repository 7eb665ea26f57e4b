// The one door for a flow run's state: every statement that writes it, each by what the state table says of its event.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { insertMany } from '../../db/rows.ts';
import { isInText, nextStateText, statesBefore } from '../../db/state-table.ts';
import type { RanFrom, StarterKind } from '../new-job.ts';
import { birthState, flowRunTable, type FlowRunEvent } from './flow-run-state.ts';

export interface NewFlowRun {
  readonly flowId: number;
  readonly scheduleId: number | null;
  readonly ranFrom: RanFrom;
  readonly startedBy: Exclude<StarterKind, 'external'>;
  /** The public id of the delivery that asked for it. */
  readonly startedByDelivery: string | null;
  readonly creatorId: number;
}

const runColumns = {
  flow_id: 'bigint',
  schedule_id: 'bigint',
  ran_from: 'text',
  started_by: 'text',
  started_by_delivery: 'text',
  state: 'text',
  creator_id: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

/** Begins flow runs; gives their ids in their order. */
export async function beginFlowRuns(tx: Tx, runs: readonly NewFlowRun[]): Promise<number[]> {
  if (runs.length === 0) return [];
  const now = await readNow(tx);
  const made = await insertMany<typeof runColumns, { id: number }>(tx, {
    table: 'flow_runs',
    columns: runColumns,
    rows: runs.map((run) => ({
      flow_id: run.flowId,
      schedule_id: run.scheduleId,
      ran_from: run.ranFrom,
      started_by: run.startedBy,
      started_by_delivery: run.startedByDelivery,
      state: birthState,
      creator_id: run.creatorId,
      created_at: now,
      updated_at: now,
    })),
    returning: ['id'],
  });
  // Both databases insert the rows of a select one after the other.
  return made.map(({ id }) => id).sort((a, b) => a - b);
}

/** Ends a flow run; false where that is refused: it has ended already. */
export async function endFlowRun(tx: Tx, runId: number, event: FlowRunEvent): Promise<boolean> {
  const next = nextStateText(flowRunTable, { state: 'state', event });
  const { numAffectedRows } = await sql`
    update flow_runs set state = ${sql.raw(next)}, finished_at = ${tx.now}, updated_at = ${tx.now}
    where id = ${runId} and ${sql.raw(isInText('state', statesBefore(flowRunTable, event)))}`.execute(tx);
  return numAffectedRows === 1n;
}
