// What stands for a missing value in CSV that is written, and how what stands in a place was written.

export const writtenForms = `
alter table write_settings add column null_text text not null default '';
alter table places add column form text;
`;
