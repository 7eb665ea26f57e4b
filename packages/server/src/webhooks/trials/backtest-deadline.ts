// The deadlines that would have been missed in the past, from the successes that are stored.
import { sql } from 'kysely';
import type { Read } from '../../db/database.ts';
import type { RecordedKind } from '@flowhook/contract/webhook/event-kind';
import { firstDeadline, judgeDeadline, type DeadlineCondition, type Watched } from '../events/deadline.ts';
import type { TaskDefinition } from '../tasks/task-rule.ts';

export interface Firing {
  readonly jobId: number | null;
  readonly event: RecordedKind;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: string;
  /** Why its body would not have been valid JSON; null where it would, or need not. */
  readonly bodyFault: string | null;
}

interface Asked {
  readonly flowId: number;
  readonly since: number;
  readonly now: number;
  readonly deadline: DeadlineCondition;
  readonly task: Pick<TaskDefinition, 'triggerObject' | 'recipeIds'>;
}

/** Periods and successes that are looked at, at most. */
const max = 10_000;

export async function findMissed(db: Read, asked: Asked): Promise<Firing[]> {
  const watched = asked.task.triggerObject === 'some' ? asked.task.recipeIds : [null];
  const successes = new Map<number | null, number[]>();
  for (const recipeId of watched) successes.set(recipeId, await readSuccesses(db, asked, recipeId));
  const missed: Firing[] = [];
  let deadline = firstDeadline(asked.deadline, asked.since);
  for (let period = 0; deadline !== null && deadline.dueAt <= asked.now && period < max; period += 1) {
    const { dueAt } = deadline;
    const at: Watched[] = watched.map((id) => ({
      recipe: id === null ? null : { id, name: '' },
      lastSuccessAt: successes.get(id)!.findLast((time) => time <= dueAt) ?? null,
    }));
    const { overdue, next } = judgeDeadline(asked.deadline, deadline, at);
    const reason = 'The output was not refreshed by its time.';
    if (overdue.length > 0)
      missed.push({ jobId: null, event: 'output.overdue', at: dueAt, reason, bodyFault: null });
    deadline = next;
  }
  return missed;
}

/** In their order, the last one before the time that is looked at too. */
async function readSuccesses(db: Read, { flowId, since }: Asked, recipeId: number | null): Promise<number[]> {
  const ofRecipe = recipeId === null ? sql`` : sql`and recipe_id = ${recipeId}`;
  const { rows } = await sql<{ at: number | null }>`
    select max(finished_at) as at from jobs where flow_id = ${flowId} and state = 'complete' ${ofRecipe} and finished_at < ${since}`.execute(
    db,
  );
  const later = await sql<{ at: number }>`
    select finished_at as at from jobs where flow_id = ${flowId} and state = 'complete' ${ofRecipe}
      and finished_at >= ${since} order by finished_at limit ${sql.lit(max)}`.execute(db);
  return [...(rows[0]?.at == null ? [] : [rows[0].at]), ...later.rows.map(({ at }) => at)];
}
