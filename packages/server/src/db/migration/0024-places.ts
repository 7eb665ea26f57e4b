// Whose the places below the outputs folder are, and up to which file the results that were there before are still to be taken over.

export const places = `
create table places (
  key text $BYTEWISE primary key,
  path text not null,
  flow_id bigint not null,
  recipe_id bigint,
  template text,
  creates integer not null check (creates in (0, 1)),
  replaces integer not null check (replaces in (0, 1)),
  claimed_at bigint not null,
  check (creates = 1 or replaces = 1)
);
create index places_flow on places (flow_id);

create table place_takeovers (
  last_file_id bigint not null
);
insert into place_takeovers (last_file_id) select max(id) from job_files having max(id) is not null;
`;
