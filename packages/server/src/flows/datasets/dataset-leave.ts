// Which flow may read which dataset: judged when it is read, so that it ends with what it rests on.
import { sql, type RawBuilder } from 'kysely';
import type { datasetLeaves } from '@flowhook/contract/flow/dataset-use';
import type { Read } from '../../db/database.ts';
import type { Failure } from '../../engine/failure.ts';

/** True where a flow that belongs to the owner of the dataset `d` holds it, and is shared with the owner of the flow `f`. */
const sharedWithOwner = sql<boolean>`exists (
  select 1 from flow_nodes sn join flows sf on sf.id = sn.flow_id
  join flow_grants sg on sg.flow_id = sf.id and sg.person_id = f.owner_id
  where sn.dataset_id = d.id and sn.deleted_at is null and sf.deleted_at is null and sf.owner_id = d.owner_id
    and (sn.lent = 1 or sn.passed_on = 0))`;

const ownerAdministers = sql<boolean>`exists (
  select 1 from people p where p.id = f.owner_id and p.role = 'administrator' and p.deleted_at is null)`;

/** The leave by which the flow `f` reads the dataset `d` of its node `n`, the first that holds; `none` where it may not. */
export type Leave = (typeof datasetLeaves)[number];

export const leaveText: RawBuilder<Leave> = sql<Leave>`case
  when n.lent = 0 and n.passed_on = 1 then 'none'
  when f.owner_id = d.owner_id then 'own'
  when n.lent = 1 then 'lent'
  when ${sharedWithOwner} then 'shared'
  when ${ownerAdministers} then 'administrator'
  else 'none' end`;

/** Whether the flow `f` may read the dataset `d` of its node `n`, as SQL. */
export const mayRead: RawBuilder<boolean> = sql<boolean>`(${leaveText}) <> 'none'`;

interface Named {
  readonly id: number;
  readonly name: string;
}

/** Those of the datasets that the flow may not read now; a loan counts while the dataset is in the flow. */
export async function findWithheld(
  db: Read,
  flowId: number,
  datasetIds: readonly number[],
): Promise<Named[]> {
  if (datasetIds.length === 0) return [];
  const { rows } = await sql<Named>`
    select d.id, d.name from datasets d where d.id in (${sql.join([...datasetIds])}) and not exists (
      select 1 from flows f
      left join flow_nodes n on n.flow_id = f.id and n.dataset_id = d.id and n.deleted_at is null
      where f.id = ${flowId} and ${mayRead})
    order by d.id`.execute(db);
  return rows;
}

/** Why a flow does not read the dataset, and what to do. */
export function withholding(name: string): Failure {
  return {
    reason: 'input_withheld',
    message: `The dataset "${name}" is withheld from this flow: its owner does not share it with the flow's owner.`,
    hint: "Ask the dataset's owner to share a flow that holds it with the flow's owner or to add it to this flow, or read another dataset.",
    dataset: name,
  };
}
