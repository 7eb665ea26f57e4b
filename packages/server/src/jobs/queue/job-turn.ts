// Whose turn it is: queued jobs are taken round by person, and of one person round by flow, so that nobody waits for all that another has launched.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';

/**
 * The jobs that are next, at most one of each person, the first in turn first. Next are the people with the fewest jobs under
 * way, among them who was served longest ago; of a person's flows in the same way, and of a flow its oldest job. So nobody is
 * passed over more often than there are others. Who has launched all there is gets every slot: ask again for what is left.
 * Costs a step for each flow and person with something queued, however much that is.
 */
export async function findNextJobs(
  tx: Tx,
  { max, without }: { readonly max: number; readonly without: readonly number[] },
): Promise<number[]> {
  // By the index `jobs_queued`: SQLite reads a comparison of pairs by the first of them alone.
  const left = sql`q.state = 'queued' and q.id not in (${sql.join([0, ...without])})`;
  const first = sql`order by q.creator_id, q.flow_id, q.id limit 1`;
  const { rows } = await sql<{ id: number }>`
    with recursive heads (id, creator_id, flow_id) as (
      select j.id, j.creator_id, j.flow_id from jobs j where j.id = (select q.id from jobs q where ${left} ${first})
      union all
      select j.id, j.creator_id, j.flow_id from heads h join jobs j on j.id = coalesce(
        (select q.id from jobs q where ${left} and q.creator_id = h.creator_id and q.flow_id > h.flow_id ${first}),
        (select q.id from jobs q where ${left} and q.creator_id > h.creator_id ${first}))
    ), under_way as (
      select creator_id, flow_id, count(*) as jobs from jobs where lease_until is not null group by creator_id, flow_id
    ), flow_heads as (
      select h.id, h.creator_id, row_number() over (
        partition by h.creator_id order by coalesce(u.jobs, 0), coalesce(t.at, 0), h.id) as place
      from heads h left join job_turns t on t.person_id = h.creator_id and t.flow_id = h.flow_id
      left join under_way u on u.creator_id = h.creator_id and u.flow_id = h.flow_id
    ), person_heads as (
      select p.id,
        coalesce((select sum(u.jobs) from under_way u where u.creator_id = p.creator_id), 0) as jobs,
        coalesce((select max(t.at) from job_turns t where t.person_id = p.creator_id), 0) as at
      from flow_heads p where p.place = 1
    )
    select id from person_heads where jobs = (select min(jobs) from person_heads) order by at, id limit ${max}`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

/** Notes that these jobs have got their turn. */
export async function noteTurns(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into job_turns (person_id, flow_id, at)
    select creator_id, flow_id, ${tx.now} from jobs where id in (${sql.join([...ids])}) group by creator_id, flow_id
    on conflict (person_id, flow_id) do update set at = excluded.at`.execute(tx);
}
