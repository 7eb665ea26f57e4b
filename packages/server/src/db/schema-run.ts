// The tables of parameters, schedules and flow runs as TypeScript sees them: migration/0006 word for word.
import type { Generated } from 'kysely';

/** Epoch milliseconds. */
type Time = number;

export interface FlowParametersTable {
  id: Generated<number>;
  flow_id: number;
  name: string;
  type: 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime';
  default_value: string;
  description: string | null;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface EnvironmentParametersTable {
  id: Generated<number>;
  override_key: string;
  value: string;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
}

export interface SchedulesTable {
  id: Generated<number>;
  flow_id: number;
  name: string | null;
  triggers: string;
  missed: 'once' | 'skip';
  overlap: 'skip' | 'queue';
  parameters: string;
  enabled: number;
  disabled_reason: string | null;
  next_at: Time | null;
  waiting_at: Time | null;
  lease_node: number | null;
  lease_until: Time | null;
  claim_count: Generated<number>;
  /** Ends of the process in a row while it was fired. */
  crash_count: Generated<number>;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface ScheduleOccurrencesTable {
  id: Generated<number>;
  schedule_id: number;
  due_at: Time;
  state: 'launched' | 'waiting' | 'skipped' | 'missed' | 'failed';
  reason: string | null;
  detail: string | null;
  passed_over: Generated<number>;
  flow_run_id: number | null;
  created_at: Time;
  updated_at: Time;
}

export interface FlowRunsTable {
  id: Generated<number>;
  flow_id: number;
  schedule_id: number | null;
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
