// Events beyond the end of a job: conditions of tasks, tasks for one job alone, tasks that run another job, and deadlines.

export const eventsAndConditions = `
alter table events add column series_key text;
alter table events add column flow_run_id bigint;
alter table events add column about_task_id bigint;
create index events_series on events (series_key, kind, id);
create index events_flow_run on events (flow_run_id) where flow_run_id is not null;

alter table jobs add column columns_written integer;
alter table jobs add column skip_webhooks integer not null default 0 check (skip_webhooks in (0, 1));
alter table jobs add column bound_task_count integer not null default 0;
create index jobs_running_of_flow on jobs (flow_id, started_at) where state = 'running';
create index jobs_succeeded on jobs (flow_id, recipe_id, finished_at) where state = 'complete';
create index jobs_by_delivery on jobs (started_by_delivery) where started_by_delivery is not null;

alter table webhook_tasks add column kind text not null default 'request' check (kind in ('request', 'runJob'));
alter table webhook_tasks add column condition text;
alter table webhook_tasks add column run_recipe_id bigint references recipes (id);
alter table webhook_tasks add column run_as_id bigint references people (id);
alter table webhook_tasks add column bound_job_id bigint references jobs (id);
alter table webhook_tasks add column slow_after_ms bigint;
create index webhook_tasks_bound on webhook_tasks (bound_job_id) where bound_job_id is not null;
create index webhook_tasks_slow on webhook_tasks (flow_id) where slow_after_ms is not null;
create index webhook_tasks_run on webhook_tasks (run_recipe_id) where run_recipe_id is not null;

create table webhook_deadlines (
  task_id bigint primary key references webhook_tasks (id),
  flow_id bigint not null references flows (id),
  condition text not null,
  due_at bigint not null,
  window_start bigint not null,
  created_at bigint not null
);
create index webhook_deadlines_due on webhook_deadlines (due_at);
create index webhook_deadlines_flow on webhook_deadlines (flow_id);
`;
