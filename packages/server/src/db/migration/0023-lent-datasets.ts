// Which datasets their owners gave to flows of others. Before, nobody kept who linked one: where its owner works on the flow, or made it, it counts as given.

export const lentDatasets = `
alter table flow_nodes add column lent integer not null default 0
  check (lent = 0 or (lent = 1 and kind = 'dataset'));
update flow_nodes set lent = 1 where kind = 'dataset' and exists (
  select 1 from datasets d join flows f on f.id = flow_nodes.flow_id
  where d.id = flow_nodes.dataset_id and d.owner_id <> f.owner_id and (f.creator_id = d.owner_id or exists (
    select 1 from flow_grants g where g.flow_id = f.id and g.person_id = d.owner_id and g.role = 'editor')));
`;
