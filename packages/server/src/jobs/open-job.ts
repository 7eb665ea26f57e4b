// Jobs that have not ended yet: those of a flow, those that a person launched, and the files that they read.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../db/database.ts';

const isOpen = sql`state in ('queued', 'running')`;

export function readOpenJobsOfFlow(db: Read, flowId: number): Promise<number[]> {
  return readOpen(db, sql`flow_id = ${flowId}`);
}

export function readOpenJobsOfPerson(db: Read, personId: number): Promise<number[]> {
  return readOpen(db, sql`creator_id = ${personId}`);
}

async function readOpen(db: Read, where: RawBuilder<unknown>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from jobs where ${where} and ${isOpen} order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** All that there ever were. */
export async function countJobsOfFlow(db: Read, flowId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from jobs where flow_id = ${flowId}`.execute(db);
  return rows[0]!.count;
}

/** True where the plan of such a job names the upload's folder. */
export async function isUploadPlanned(db: Read, key: string): Promise<boolean> {
  const { rows } = await sql<{ used: number }>`
    select 1 as used from jobs where ${isOpen} and plan like ${`%/${key}/%`} limit 1`.execute(db);
  return rows.length > 0;
}
