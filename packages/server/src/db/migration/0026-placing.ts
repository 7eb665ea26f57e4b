// Whose turn it is to put files in a place, the newest job whose result stands there, and why a file does not stand in its place.

export const placing = `
alter table places add column newest_job_id bigint;
alter table places add column placing_job_id bigint;
alter table places add column placing_attempt bigint;
alter table places add column placing_node bigint;
alter table places add column placing_until bigint;
alter table job_files add column fault text;
alter table job_files add column given_up_at bigint check (given_up_at is null or published_at is null);
create index job_files_waiting on job_files (job_id) where published_at is null and given_up_at is null;
`;
