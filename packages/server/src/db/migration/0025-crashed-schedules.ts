// How often in a row the process ended while it fired a schedule, which nobody had planned.

export const crashedSchedules = `
alter table schedules add column crash_count integer not null default 0;
`;
