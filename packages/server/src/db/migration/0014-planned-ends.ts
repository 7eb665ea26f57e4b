// What ended a run: an end of its process that nobody planned is counted. And which nodes take reports of jobs.

export const plannedEnds = `
alter table jobs add column crash_count integer not null default 0;
alter table nodes add column takes_reports integer not null default 0 check (takes_reports in (0, 1));
`;
