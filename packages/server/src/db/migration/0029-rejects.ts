// Rows of inputs that jobs left out: how many, of how many, and the first of them; and the columns that jobs wrote.

export const rejects = `
alter table jobs add column rejected_rows bigint;
alter table jobs add column rejected_of bigint;
alter table jobs add column output_columns text;
create table job_rejects (
  job_id bigint primary key references jobs (id),
  kept text not null
);
`;
