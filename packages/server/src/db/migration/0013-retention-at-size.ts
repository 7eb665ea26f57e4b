// Retention at any size: what it looks for and what a removal has to check stands in indexes.
// Without the one on events every removed event read all deliveries: 3 a second with a million of them.

export const retentionAtSize = `
create index deliveries_event on deliveries (event_id);
drop index deliveries_as_new;
create index events_created on events (created_at, id);
create index jobs_finished on jobs (finished_at, id) where finished_at is not null;
create index jobs_lease_node on jobs (lease_node) where lease_node is not null;
create index flow_runs_finished on flow_runs (finished_at, id) where finished_at is not null;
create index schedule_occurrences_created on schedule_occurrences (created_at, id);
create index audit_log_at on audit_log (at, id);
`;
