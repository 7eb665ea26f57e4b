// What packages bring: notes of recipes whose steps can't be run here.

export const transfer = `
create table recipe_notes (
  recipe_id bigint primary key references recipes (id),
  note text not null
);
`;
