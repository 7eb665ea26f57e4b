// What retention leaves behind: jobs and flow runs stay readable when their events are removed, and say so to the audit.

export const retention = `
alter table jobs add column history_removed_at bigint;
alter table flow_runs add column history_removed_at bigint;
create index deliveries_as_new on deliveries (event_id) where repeats_id is not null;
create index deliveries_repeats on deliveries (repeats_id) where repeats_id is not null;
`;
