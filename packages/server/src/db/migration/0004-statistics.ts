// Tallies of attempts, for charts: written with the attempts, merged to longer spans as they age.

export const statistics = `
create table attempt_tallies (
  id $ID,
  at bigint not null,
  span integer not null check (span in (0, 60000, 600000, 3600000)),
  flow_id bigint not null references flows (id),
  task_id bigint not null references webhook_tasks (id),
  host text not null,
  result text not null check (result in ('delivered', 'retried', 'dead', 'blocked', 'canceled')),
  reason text not null,
  count bigint not null,
  latencies text not null
);
create index attempt_tallies_time on attempt_tallies (span, at, result, count);
create index attempt_tallies_flow on attempt_tallies (flow_id, at);
create index deliveries_unhappy on deliveries (ended_at) where state in ('dead', 'canceled');
create index jobs_creator on jobs (creator_id, id);
`;
