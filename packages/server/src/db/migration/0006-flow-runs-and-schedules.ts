// Flow runs: the outputs of a flow run together, one job each.

export const flowRunsAndSchedules = `
create table flow_runs (
  id $ID,
  flow_id bigint not null references flows (id),
  ran_from text not null check (ran_from in ('ui', 'api', 'schedule')),
  started_by text not null check (started_by in ('person', 'schedule', 'webhook')),
  started_by_delivery text,
  state text not null check (state in ('running', 'complete', 'failed', 'canceled')),
  creator_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  check ((state = 'running') = (finished_at is null))
);
create index flow_runs_flow on flow_runs (flow_id, id);
create unique index flow_runs_started_by_delivery on flow_runs (creator_id, started_by_delivery)
  where started_by_delivery is not null;

alter table jobs add column flow_run_id bigint references flow_runs (id);
create index jobs_flow_run on jobs (flow_run_id) where flow_run_id is not null;
`;
