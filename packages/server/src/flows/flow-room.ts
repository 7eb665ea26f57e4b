// What everything in this room works with: database, engine, folders, and what the rooms to the left want to be told.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Database, Tx } from '../db/database.ts';
import type { Engine } from '../engine/engine.ts';
import type { Locations } from './datasets/location.ts';

export interface FlowHooks {
  /** In the transaction that deletes a flow, which holds the lock on its row: jobs, tasks and deliveries end here. */
  flowDeleted(tx: Tx, flowId: number, personId: number): Promise<void>;
  /** In the transaction that deletes a recipe, which holds the lock on its flow's row. */
  recipeDeleted(tx: Tx, deleted: { flowId: number; recipeId: number; personId: number }): Promise<void>;
}

export interface FlowRoom {
  readonly db: Database;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly hooks: FlowHooks;
  readonly locations: Locations;
  /** Bytes of the largest upload. */
  readonly uploadLimit: number;
}

/** The topic of announcements that a flow, or what is in it, has changed. */
export const flowsChanged = 'flows.changed';
/** The topic of announcements that a dataset has changed. */
export const datasetsChanged = 'datasets.changed';

export function announceFlow({ db }: FlowRoom, tx: Tx, flowId: number): void {
  db.announce(tx, { topic: flowsChanged, flowId, ids: [flowId] });
}
