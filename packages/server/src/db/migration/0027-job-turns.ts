// When each person's jobs of each flow last got a turn, and the queue of jobs by person and flow.
// A turn refers to no row: to check that would wait for the flow's lock, which whoever ends its jobs holds.

export const jobTurns = `
create table job_turns (
  person_id bigint not null,
  flow_id bigint not null,
  at bigint not null,
  primary key (person_id, flow_id)
);
drop index jobs_queued;
create index jobs_queued on jobs (creator_id, flow_id, id) where state = 'queued';
`;
