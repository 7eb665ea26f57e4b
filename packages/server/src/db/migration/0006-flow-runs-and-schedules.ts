// Parameters and their values, schedules with what came of each of their times, and flow runs: the outputs of a flow run together, one job each.

export const flowRunsAndSchedules = `
create table schedules (
  id $ID,
  flow_id bigint not null references flows (id),
  name text,
  triggers text not null,
  missed text not null check (missed in ('once', 'skip')),
  overlap text not null check (overlap in ('skip', 'queue')),
  parameters text not null,
  enabled integer not null check (enabled in (0, 1)),
  disabled_reason text,
  next_at bigint,
  waiting_at bigint,
  lease_node bigint references nodes (id),
  lease_until bigint,
  claim_count integer not null default 0,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint,
  check (enabled = 1 or (next_at is null and waiting_at is null)),
  check (deleted_at is null or enabled = 0),
  check ((lease_node is null) = (lease_until is null))
);
create unique index schedules_flow on schedules (flow_id) where deleted_at is null;
create index schedules_due on schedules (next_at) where next_at is not null;
create index schedules_waiting on schedules (id) where waiting_at is not null;
create index schedules_leased on schedules (lease_node) where lease_node is not null;

create table flow_runs (
  id $ID,
  flow_id bigint not null references flows (id),
  schedule_id bigint references schedules (id),
  ran_from text not null check (ran_from in ('ui', 'api', 'schedule')),
  started_by text not null check (started_by in ('person', 'schedule', 'webhook')),
  started_by_delivery text,
  state text not null check (state in ('running', 'complete', 'failed', 'canceled')),
  creator_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  check ((state = 'running') = (finished_at is null)),
  check ((schedule_id is not null) = (started_by = 'schedule'))
);
create index flow_runs_flow on flow_runs (flow_id, id);
create index flow_runs_running on flow_runs (schedule_id) where state = 'running' and schedule_id is not null;
create unique index flow_runs_started_by_delivery on flow_runs (creator_id, started_by_delivery)
  where started_by_delivery is not null;

create table schedule_occurrences (
  id $ID,
  schedule_id bigint not null references schedules (id),
  due_at bigint not null,
  state text not null check (state in ('launched', 'waiting', 'skipped', 'missed', 'failed')),
  reason text,
  detail text,
  passed_over integer not null default 0,
  flow_run_id bigint unique references flow_runs (id),
  created_at bigint not null,
  updated_at bigint not null,
  check ((state = 'launched') = (flow_run_id is not null)),
  check ((state in ('skipped', 'missed', 'failed')) = (reason is not null))
);
create unique index schedule_occurrences_once on schedule_occurrences (schedule_id, due_at);

create table flow_parameters (
  id $ID,
  flow_id bigint not null references flows (id),
  name text not null,
  type text not null check (type in ('text', 'integer', 'number', 'boolean', 'date', 'datetime')),
  default_value text not null,
  description text,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index flow_parameters_name on flow_parameters (flow_id, lower(name)) where deleted_at is null;

create table environment_parameters (
  id $ID,
  override_key text not null,
  value text not null,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null
);
create unique index environment_parameters_key on environment_parameters (lower(override_key));

alter table datasets add column pattern text;
alter table jobs add column parameters text;
alter table jobs add column reference_at bigint;
alter table jobs add column flow_run_id bigint references flow_runs (id);
create index jobs_flow_run on jobs (flow_run_id) where flow_run_id is not null;
`;
