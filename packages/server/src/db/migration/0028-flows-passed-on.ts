// Which datasets came to a flow's owner with the flow: nobody gives another's rights to a dataset by giving them a flow.

export const flowsPassedOn = `
alter table flow_nodes add column passed_on integer not null default 0
  check (passed_on = 0 or (passed_on = 1 and kind = 'dataset'));
`;
