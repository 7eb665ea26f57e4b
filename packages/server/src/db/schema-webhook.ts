// The tables of jobs and webhooks as TypeScript sees them: migrations 0002, 0004 and 0007 word for word.
import type { RecordedKind } from '@flowhook/contract/webhook/event-kind';
import type { Generated } from 'kysely';

/** Epoch milliseconds. */
type Time = number;
/** 0 or 1. */
type Flag = number;

export interface JobsTable {
  id: Generated<number>;
  flow_id: number;
  recipe_id: number | null;
  output_id: number | null;
  name: string | null;
  description: string | null;
  kind: 'engine' | 'external';
  ran_from: 'ui' | 'api' | 'schedule';
  started_by: 'person' | 'schedule' | 'webhook' | 'external';
  started_by_delivery: string | null;
  hop: Generated<number>;
  execution_id: string | null;
  state: 'queued' | 'running' | 'complete' | 'failed' | 'canceled';
  plan: string;
  profiler: Flag;
  attempt_count: Generated<number>;
  crash_count: Generated<number>;
  lease_node: number | null;
  lease_until: Time | null;
  cancel_requested: Generated<Flag>;
  engine_handle: string | null;
  result_folder: string | null;
  percent: Generated<number>;
  rows_written: number | null;
  bytes_written: number | null;
  error_reason: string | null;
  error_message: string | null;
  error_detail: string | null;
  warnings: string | null;
  facts: string | null;
  log_tail: string | null;
  heartbeat_seconds: number | null;
  heartbeat_due_at: Time | null;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  started_at: Time | null;
  finished_at: Time | null;
  flow_run_id: number | null;
  parameters: string | null;
  reference_at: Time | null;
  columns_written: number | null;
  skip_webhooks: Generated<Flag>;
  bound_task_count: Generated<number>;
  history_removed_at: Time | null;
  rejected_rows: number | null;
  rejected_of: number | null;
  output_columns: string | null;
}

export interface JobStepsTable {
  id: Generated<number>;
  job_id: number;
  position: number;
  kind: 'wrangle' | 'filewriter' | 'profile';
  state: 'queued' | 'running' | 'complete' | 'failed' | 'canceled';
  percent: Generated<number>;
  rows: number | null;
  bytes: number | null;
  error_message: string | null;
  created_at: Time;
  updated_at: Time;
  started_at: Time | null;
  finished_at: Time | null;
}

export interface JobFilesTable {
  id: Generated<number>;
  job_id: number;
  position: number;
  source_path: string;
  path: string;
  format: string;
  action: 'create' | 'overwrite' | 'append';
  size_bytes: number | null;
  rows: number | null;
  published_at: Time | null;
  /** Why it is not in its place. */
  fault: string | null;
  /** It is never put in its place; null for what is, or is tried again. */
  given_up_at: Time | null;
}

export interface JobProfilesTable {
  job_id: number;
  profile: string;
}

export interface JobRejectsTable {
  job_id: number;
  kept: string;
}

export interface JobTurnsTable {
  person_id: number;
  flow_id: number;
  at: Time;
}

export interface EventsTable {
  id: Generated<number>;
  flow_id: number;
  kind: RecordedKind;
  occurrence_key: string;
  job_id: number | null;
  facts: string;
  task_revision: number;
  created_at: Time;
  series_key: string | null;
  flow_run_id: number | null;
  about_task_id: number | null;
}

export interface WebhookTasksTable {
  id: Generated<number>;
  flow_id: number;
  name: string;
  url: string;
  method: 'post' | 'get' | 'put' | 'patch' | 'delete';
  headers: string;
  secret_headers: string;
  body: string | null;
  trigger_event: 'onJobSuccess' | 'onJobFailure' | 'onJobDone';
  trigger_object: 'any' | 'some';
  secrets: string | null;
  ssl_verification: Flag;
  retry_on_failure: Flag;
  enabled: Flag;
  disabled_reason: string | null;
  url_secret: Flag;
  born_revision: number;
  died_revision: number | null;
  version: Generated<number>;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
  kind: Generated<'request' | 'runJob'>;
  /** JSON; null is the plain end of a job. */
  condition: string | null;
  run_recipe_id: number | null;
  run_as_id: number | null;
  bound_job_id: number | null;
  /** Of a condition that tells while a job still runs. */
  slow_after_ms: number | null;
}

/** What is being recorded, and how often the process ended over it. */
export interface EventSuspectsTable {
  /** What was begun to be recorded. */
  key: string;
  /** The node that began it last. */
  node_id: number;
  /** Of the nodes before, how many ended without having been told to. */
  crash_count: Generated<number>;
}

/** The next time at which a task's outputs must have been refreshed; one row for each enabled task that waits for that. */
export interface WebhookDeadlinesTable {
  task_id: number;
  flow_id: number;
  /** The condition that it was made for. */
  condition: string;
  due_at: Time;
  /** A success after this time refreshes it. */
  window_start: Time;
  created_at: Time;
}

export interface WebhookTaskRecipesTable {
  task_id: number;
  recipe_id: number;
}

export interface DecisionsTable {
  event_id: number;
  task_id: number;
  fires: Flag;
  reason: string;
  detail: string;
}

export interface DeliveriesTable {
  id: Generated<number>;
  public_id: string;
  event_id: number;
  task_id: number;
  flow_id: number;
  job_id: number | null;
  repeats_id: number | null;
  state: 'pending' | 'sending' | 'delivered' | 'dead' | 'canceled';
  held: Generated<Flag>;
  /** Held until a person asks for it again: its attempts ended the process too often. */
  held_for_crashes: Generated<Flag>;
  due_at: Time | null;
  lease_node: number | null;
  attempt_count: Generated<number>;
  round_start: Generated<number>;
  interrupted_in_row: Generated<number>;
  /** Ends of the process during its attempts, one after the other. */
  crashes_in_row: Generated<number>;
  cancel_requested: Generated<Flag>;
  host: string;
  last_status_code: number | null;
  last_reason: string | null;
  end_reason: string | null;
  created_at: Time;
  updated_at: Time;
  expires_at: Time;
  claimed_at: Time | null;
  ended_at: Time | null;
}

export interface DeliveryBodiesTable {
  delivery_id: number;
  body: string | null;
}

export interface AttemptsTable {
  delivery_id: number;
  number: number;
  started_at: Time;
  duration_ms: number | null;
  outcome: 'response' | 'failure';
  status_code: number | null;
  reason: string | null;
  detail: string | null;
  address: string | null;
}

export interface AttemptExchangesTable {
  delivery_id: number;
  number: number;
  exchange: string;
}

export interface AttemptTalliesTable {
  id: Generated<number>;
  at: Time;
  /** Milliseconds that the row stands for from `at` on; 0 for a row as it was settled. */
  span: 0 | 60_000 | 600_000 | 3_600_000;
  flow_id: number;
  task_id: number;
  host: string;
  result: 'delivered' | 'retried' | 'dead' | 'blocked' | 'canceled';
  /** Empty for `delivered`; else the reason of the outcome, or the status that was answered. */
  reason: string;
  count: number;
  /** How many took how long from event to received, by class: `24:5,25:1` (`webhooks/deliveries/tally.ts`). */
  latencies: string;
}
