// Retention of what came of schedules' times: it goes with its flow run, or by its age where it came to none.
import { sql } from 'kysely';
import type { Tx } from '../db/database.ts';

export const occurrenceRemoval = {
  /** Those of these flow runs. */
  async ofRuns(tx: Tx, flowRunIds: readonly number[]): Promise<void> {
    if (flowRunIds.length === 0) return;
    await sql`delete from schedule_occurrences where flow_run_id in (${sql.join([...flowRunIds])})`.execute(
      tx,
    );
  },

  /** Those before that came to no run: skipped, missed, refused. Returns how many went, at most `max` at once. */
  async withoutRun(tx: Tx, before: number, max: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from schedule_occurrences where id in (select id from schedule_occurrences
        where created_at < ${before} and state in ('skipped', 'missed', 'failed') order by created_at, id limit ${max})`.execute(
      tx,
    );
    return Number(numAffectedRows ?? 0);
  },
};
