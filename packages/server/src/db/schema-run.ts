// The tables of flow runs as TypeScript sees them: migration/0006 word for word.
import type { Generated } from 'kysely';

/** Epoch milliseconds. */
type Time = number;

export interface FlowRunsTable {
  id: Generated<number>;
  flow_id: number;
  ran_from: 'ui' | 'api' | 'schedule';
  started_by: 'person' | 'schedule' | 'webhook';
  started_by_delivery: string | null;
  state: 'running' | 'complete' | 'failed' | 'canceled';
  creator_id: number | null;
  created_at: Time;
  updated_at: Time;
  finished_at: Time | null;
  history_removed_at: Time | null;
}
