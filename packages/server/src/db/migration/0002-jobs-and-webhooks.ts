// Jobs, events, webhook tasks and what is owed to them. The states are those of the pure state files.

export const jobsAndWebhooks = `
create table jobs (
  id $ID,
  flow_id bigint not null references flows (id),
  recipe_id bigint references recipes (id),
  output_id bigint references outputs (id),
  name text,
  description text,
  kind text not null check (kind in ('engine', 'external')),
  ran_from text not null check (ran_from in ('ui', 'api', 'schedule')),
  started_by text not null check (started_by in ('person', 'schedule', 'webhook', 'external')),
  started_by_delivery text,
  hop integer not null default 0,
  execution_id text,
  state text not null check (state in ('queued', 'running', 'complete', 'failed', 'canceled')),
  plan text not null,
  profiler integer not null check (profiler in (0, 1)),
  attempt_count integer not null default 0,
  lease_node bigint references nodes (id),
  lease_until bigint,
  cancel_requested integer not null default 0 check (cancel_requested in (0, 1)),
  engine_handle text,
  result_folder text,
  percent integer not null default 0,
  rows_written bigint,
  bytes_written bigint,
  error_reason text,
  error_message text,
  error_detail text,
  warnings text,
  facts text,
  log_tail text,
  heartbeat_seconds integer,
  heartbeat_due_at bigint,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  started_at bigint,
  finished_at bigint,
  check ((state = 'running' and kind = 'engine') = (lease_until is not null)),
  check ((state in ('complete', 'failed', 'canceled')) = (finished_at is not null))
);
create index jobs_flow on jobs (flow_id, id);
create index jobs_recipe on jobs (recipe_id);
create index jobs_queued on jobs (id) where state = 'queued';
create index jobs_leased on jobs (lease_until) where lease_until is not null;
create index jobs_heartbeat on jobs (heartbeat_due_at) where heartbeat_due_at is not null;
create unique index jobs_execution on jobs (creator_id, execution_id) where execution_id is not null;
create unique index jobs_started_by_delivery on jobs (creator_id, started_by_delivery)
  where started_by_delivery is not null;

create table job_steps (
  id $ID,
  job_id bigint not null references jobs (id),
  position integer not null,
  kind text not null check (kind in ('wrangle', 'filewriter', 'profile')),
  state text not null check (state in ('queued', 'running', 'complete', 'failed', 'canceled')),
  percent integer not null default 0,
  rows bigint,
  bytes bigint,
  error_message text,
  created_at bigint not null,
  updated_at bigint not null,
  started_at bigint,
  finished_at bigint
);
create unique index job_steps_job on job_steps (job_id, position);

create table job_files (
  id $ID,
  job_id bigint not null references jobs (id),
  position integer not null,
  source_path text not null,
  path text not null,
  format text not null,
  action text not null,
  size_bytes bigint,
  rows bigint,
  published_at bigint
);
create unique index job_files_job on job_files (job_id, position);
create index job_files_path on job_files (path);

create table job_profiles (
  job_id bigint primary key references jobs (id),
  profile text not null
);

create table events (
  id $ID,
  flow_id bigint not null references flows (id),
  kind text not null check (kind in ('job.success', 'job.failure', 'job.canceled', 'job.slow', 'output.overdue',
    'flowRun.success', 'flowRun.failure', 'flowRun.canceled')),
  occurrence_key text not null unique,
  job_id bigint references jobs (id),
  facts text not null,
  task_revision bigint not null,
  created_at bigint not null
);
create index events_job on events (job_id);
create index events_flow on events (flow_id, id);

create table webhook_tasks (
  id $ID,
  flow_id bigint not null references flows (id),
  name text not null,
  url text not null,
  method text not null check (method in ('post', 'get', 'put', 'patch', 'delete')),
  headers text not null,
  secret_headers text not null,
  body text,
  trigger_event text not null check (trigger_event in ('onJobSuccess', 'onJobFailure', 'onJobDone')),
  trigger_object text not null check (trigger_object in ('any', 'some')),
  secrets text,
  ssl_verification integer not null check (ssl_verification in (0, 1)),
  retry_on_failure integer not null check (retry_on_failure in (0, 1)),
  enabled integer not null check (enabled in (0, 1)),
  disabled_reason text,
  url_secret integer not null check (url_secret in (0, 1)),
  born_revision bigint not null,
  died_revision bigint,
  version bigint not null default 1,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint,
  check ((deleted_at is null) = (died_revision is null))
);
create index webhook_tasks_flow on webhook_tasks (flow_id);

create table webhook_task_recipes (
  task_id bigint not null references webhook_tasks (id),
  recipe_id bigint not null references recipes (id),
  primary key (task_id, recipe_id)
);
create index webhook_task_recipes_recipe on webhook_task_recipes (recipe_id);

create table decisions (
  event_id bigint not null references events (id),
  task_id bigint not null references webhook_tasks (id),
  fires integer not null check (fires in (0, 1)),
  reason text not null,
  detail text not null,
  primary key (event_id, task_id)
);
create index decisions_task on decisions (task_id, event_id);

create table deliveries (
  id $ID,
  public_id text not null unique,
  event_id bigint not null references events (id),
  task_id bigint not null references webhook_tasks (id),
  flow_id bigint not null references flows (id),
  job_id bigint references jobs (id),
  repeats_id bigint references deliveries (id),
  state text not null check (state in ('pending', 'sending', 'delivered', 'dead', 'canceled')),
  held integer not null default 0 check (held in (0, 1)),
  due_at bigint,
  lease_node bigint references nodes (id),
  attempt_count integer not null default 0,
  round_start integer not null default 0,
  interrupted_in_row integer not null default 0,
  cancel_requested integer not null default 0 check (cancel_requested in (0, 1)),
  host text not null,
  last_status_code integer,
  last_reason text,
  end_reason text,
  created_at bigint not null,
  updated_at bigint not null,
  expires_at bigint not null,
  claimed_at bigint,
  ended_at bigint,
  check (held = 0 or state = 'pending'),
  check ((due_at is not null) = (state = 'sending' or (state = 'pending' and held = 0))),
  check ((lease_node is not null) = (state = 'sending')),
  check ((ended_at is not null) = (state in ('delivered', 'dead', 'canceled')))
);
create unique index deliveries_once on deliveries (event_id, task_id) where repeats_id is null;
create index deliveries_due on deliveries (due_at, id) where due_at is not null;
create index deliveries_due_host on deliveries (host, due_at, id) where due_at is not null;
create index deliveries_leased on deliveries (lease_node) where lease_node is not null;
create index deliveries_waiting on deliveries (expires_at) where state = 'pending';
create index deliveries_task on deliveries (task_id, id);
create index deliveries_flow on deliveries (flow_id, id);
create index deliveries_job on deliveries (job_id);

create table delivery_bodies (
  delivery_id bigint primary key references deliveries (id),
  body text
);

create table attempts (
  delivery_id bigint not null references deliveries (id),
  number integer not null,
  started_at bigint not null,
  duration_ms integer,
  outcome text not null check (outcome in ('response', 'failure')),
  status_code integer,
  reason text check (reason in
    ('dns', 'connect', 'tls', 'timeout', 'blocked', 'redirect', 'invalid', 'too_large', 'interrupted', 'unusable')),
  detail text,
  address text,
  primary key (delivery_id, number),
  check ((outcome = 'failure') = (reason is not null))
);

create table attempt_exchanges (
  delivery_id bigint not null references deliveries (id),
  number integer not null,
  exchange text not null,
  primary key (delivery_id, number)
);
`;
