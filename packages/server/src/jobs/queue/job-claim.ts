// The claim of jobs: first those whose lease has run out, then queued ones, fairly.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { lockKey } from '../../db/dialect.ts';
import { isLapsed, takeJobs, type ClaimedJob } from '../job-move.ts';
import { findNextJobs, noteTurns } from './job-turn.ts';

export interface JobClaim {
  readonly nodeId: number;
  readonly max: number;
  readonly leaseMs: number;
  /** Jobs that this node runs: a lease that ran out here all the same is not claimed again beside itself. */
  readonly underWay: readonly number[];
}

/** Claims are made one after the other, on whatever node: each sees whom the one before has served. */
const claimLock = 0x6a6f_6273;

/** Claims as many jobs as are due, up to `max`. */
export async function claimJobs(tx: Tx, claim: JobClaim): Promise<ClaimedJob[]> {
  await lockKey(tx, claimLock);
  const claimed = await takeJobs(tx, claim, await findLapsed(tx, claim));
  const passedOver: number[] = [];
  while (claimed.length < claim.max) {
    const next = await findNextJobs(tx, { max: claim.max - claimed.length, without: passedOver });
    if (next.length === 0) break;
    const taken = await takeJobs(tx, claim, next);
    const ids = taken.map(({ id }) => id);
    await noteTurns(tx, ids);
    claimed.push(...taken);
    // Somebody is just ending it.
    passedOver.push(...next.filter((id) => !ids.includes(id)));
  }
  return claimed;
}

async function findLapsed(tx: Tx, { max, underWay }: JobClaim): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from jobs where ${isLapsed(tx.now)} and id not in (${sql.join([0, ...underWay])})
    order by id limit ${max}`.execute(tx);
  return rows.map(({ id }) => id);
}
