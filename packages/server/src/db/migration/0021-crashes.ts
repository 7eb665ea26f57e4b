// What is known of deliveries that may have ended a process, and of processes that were told to end.

export const crashes = `
alter table deliveries add column held_for_crashes integer not null default 0
  check (held_for_crashes = 0 or (held_for_crashes = 1 and held = 1));
alter table deliveries add column crashes_in_row integer not null default 0 check (crashes_in_row >= 0);
create index deliveries_suspected on deliveries (crashes_in_row, due_at, id) where crashes_in_row > 0;
create index deliveries_held_for_crashes on deliveries (flow_id) where held_for_crashes = 1;
alter table nodes add column stopping_at bigint;
`;
