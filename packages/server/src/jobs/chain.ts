// The chain of a job: which job, task and delivery started it, and which jobs its own deliveries started.
import { sql } from 'kysely';
import type { Read } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import { visibleFlows } from '../people/flow-access-store.ts';

/** A delivery that started a job. */
export interface ChainLink {
  readonly sourceJobId: number | null;
  readonly targetJobId: number;
  readonly taskId: number;
  readonly taskName: string;
  readonly taskFlowId: number;
  /** The public id. */
  readonly delivery: string;
  readonly deliveryId: number;
}

export interface Chain {
  /** In no promised order; the job itself is among them. */
  readonly jobIds: readonly number[];
  readonly links: readonly ChainLink[];
  /** True where there is more than is shown. */
  readonly truncated: boolean;
}

/** Jobs that a chain shows at most. */
const maxJobs = 200;

/** What the caller may see of it: a job of a flow that is not theirs, and what is only reached through it, stays away. */
export async function readChain(db: Read, caller: Caller, jobId: number): Promise<Chain> {
  const jobIds = new Set([jobId]);
  const links = new Map<string, ChainLink>();
  let up = [jobId];
  let down = [jobId];
  while (up.length + down.length > 0 && jobIds.size < maxJobs) {
    const found = [
      ...(await readLinks(db, caller, sql<boolean>`j.id in (${list(up)})`)),
      ...(await readLinks(db, caller, sql<boolean>`d.job_id in (${list(down)})`)),
    ];
    up = [];
    down = [];
    for (const link of found) {
      links.set(`${link.delivery} ${link.targetJobId}`, link);
      const { sourceJobId, targetJobId } = link;
      if (sourceJobId !== null && !jobIds.has(sourceJobId)) up.push(sourceJobId);
      if (!jobIds.has(targetJobId)) down.push(targetJobId);
    }
    for (const id of [...up, ...down]) jobIds.add(id);
    // What a job upstream started besides belongs to the chain too.
    down = [...new Set([...down, ...up])];
    up = [...new Set(up)];
  }
  return { jobIds: [...jobIds], links: [...links.values()], truncated: up.length + down.length > 0 };
}

function list(ids: readonly number[]) {
  return sql.join([0, ...ids]);
}

async function readLinks(
  db: Read,
  caller: Caller,
  where: ReturnType<typeof sql<boolean>>,
): Promise<ChainLink[]> {
  const { rows } = await sql<ChainLink>`
    select d.job_id as "sourceJobId", j.id as "targetJobId", t.id as "taskId", t.name as "taskName",
      t.flow_id as "taskFlowId", d.public_id as delivery, d.id as "deliveryId"
    from jobs j left join flow_runs fr on fr.id = j.flow_run_id
    join deliveries d on d.public_id = coalesce(j.started_by_delivery, fr.started_by_delivery)
    join webhook_tasks t on t.id = d.task_id
    where ${where} and ${visibleFlows(caller, 'j.flow_id')} and ${visibleFlows(caller, 'd.flow_id')}
    order by j.id limit ${sql.lit(maxJobs)}`.execute(db);
  return rows;
}

/** The job that a delivery started; null where it started none, or one of a flow that the caller may not see. */
export async function readStartedJob(db: Read, caller: Caller, delivery: string): Promise<number | null> {
  const { rows } = await sql<{ id: number }>`
    select j.id from jobs j where j.started_by_delivery = ${delivery} and ${visibleFlows(caller, 'j.flow_id')}
    order by j.id limit 1`.execute(db);
  return rows[0]?.id ?? null;
}
