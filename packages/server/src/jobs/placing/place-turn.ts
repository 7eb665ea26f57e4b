// Turns at places: one job at a time puts files there, on whatever node, and what the newest there is, is written down.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { tableOf } from '../../db/rows.ts';
import { readForm, writeForm, type PlaceForm } from '../../flows/places/place-form.ts';

/** Whose turn it is. That of a job which is about to end lasts as long as its lease; else it has an end of its own. */
export interface TurnHolder {
  readonly jobId: number;
  /** The attempt that has the lease; null where the job has ended before. */
  readonly attempt: number | null;
  readonly nodeId: number;
}

/** The newest job whose result stands in each place that files are written over in; a place without any is not in it. */
export type Newest = ReadonlyMap<string, number>;

/** What stands in the places. */
export interface Standing {
  readonly newest: Newest;
  /** How it was written, where that is known. */
  readonly forms: ReadonlyMap<string, PlaceForm>;
}

/** What is known in one's turn. */
export interface Turn extends Standing {
  /** The places that another flow holds by now, each with the sentence that says so. */
  readonly barred: ReadonlyMap<string, string>;
}

/** A file that was brought near is renamed in no time; who is cut off in between holds up the others for so long. */
const turnMs = 20_000;

const isTaken = (now: Tx['now']) => sql<boolean>`(case
  when p.placing_attempt is not null then exists (select 1 from jobs j
    where j.id = p.placing_job_id and j.attempt_count = p.placing_attempt and j.lease_until > ${now})
  else coalesce(p.placing_until > ${now}, false) end)`;

/** Takes the turn at all of these places, or at none where another has it at one of them: null. */
export async function takeTurn(
  tx: Tx,
  keys: readonly string[],
  holder: TurnHolder,
): Promise<Standing | null> {
  const { jobId, attempt, nodeId } = holder;
  const asked = tableOf(tx, 'given', { key: 'text' }, listKeys(keys));
  const { rows } = await sql<{ key: string; newest: number | null; form: string | null; taken: number }>`
    select p.key, p.newest_job_id as newest, p.form, case when ${isTaken(tx.now)}
      and not (coalesce(p.placing_attempt, 0) = ${attempt ?? -1} and p.placing_job_id = ${jobId}) then 1 else 0 end as taken
    from places p where p.key in (select key from ${asked}) order by p.key ${tx.forUpdate}`.execute(tx);
  if (rows.some(({ taken }) => taken === 1)) return null;
  await sql`
    update places set placing_job_id = ${jobId}, placing_attempt = ${attempt}, placing_node = ${nodeId},
      placing_until = ${attempt === null ? sql`${tx.now} + ${sql.lit(turnMs)}` : null}
    where key in (select key from ${asked})`.execute(tx);
  return {
    newest: new Map(rows.flatMap(({ key, newest }) => (newest === null ? [] : [[key, newest]]))),
    forms: new Map(rows.flatMap(({ key, form }) => (form === null ? [] : [[key, readForm(form)]]))),
  };
}

/** Ends a turn that has an end of its own; false where it was over before, so that another may have been there. */
export async function endTurn(tx: Tx, keys: readonly string[], holder: TurnHolder): Promise<boolean> {
  const wanted = listKeys(keys);
  const { rows } = await sql`
    update places set placing_job_id = null, placing_node = null, placing_until = null
    where key in (select key from ${tableOf(tx, 'given', { key: 'text' }, wanted)})
      and placing_job_id = ${holder.jobId} and placing_node = ${holder.nodeId} and placing_attempt is null
    returning key`.execute(tx);
  return rows.length === wanted.length;
}

/** Writes down how what stands there by now was written. */
export async function noteForms(
  tx: Tx,
  placed: readonly { readonly place: string; readonly form: PlaceForm }[],
): Promise<void> {
  const forms = new Map(placed.map(({ place, form }) => [place, writeForm(form)]));
  if (forms.size === 0) return;
  const rows = [...forms].map(([key, form]) => ({ key, form }));
  await sql`
    update places set form = given.form
    from ${tableOf(tx, 'given', { key: 'text', form: 'text' }, rows)} where places.key = given.key`.execute(
    tx,
  );
}

/** Writes down that this job's result is the newest in these places. */
export async function noteNewest(tx: Tx, keys: readonly string[], jobId: number): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update places set newest_job_id = ${jobId}
    where key in (select key from ${tableOf(tx, 'given', { key: 'text' }, listKeys(keys))})
      and coalesce(newest_job_id, 0) < ${jobId}`.execute(tx);
}

/**
 * Who went on after its turn was over, as a process that stood still, may have gone over what came meanwhile: the newest
 * results of these places are put there once more.
 */
export async function reopenNewest(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update job_files set published_at = null
    where published_at is not null and job_id in (select p.newest_job_id from places p
      where p.key in (select key from ${tableOf(tx, 'given', { key: 'text' }, listKeys(keys))}))`.execute(tx);
}

function listKeys(keys: readonly string[]): { key: string }[] {
  return [...new Set(keys)].map((key) => ({ key }));
}
