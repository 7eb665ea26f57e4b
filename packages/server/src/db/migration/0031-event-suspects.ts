// Events that were begun to be recorded and may be what ended the process; and those that were set aside for that.

export const eventSuspects = `
create table event_suspects (
  key text primary key,
  node_id bigint not null,
  crash_count bigint not null default 0 check (crash_count >= 0)
);
create index decisions_set_aside on decisions (event_id) where reason = 'set_aside';
`;
