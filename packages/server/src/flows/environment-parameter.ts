// Environment parameters: values that administrators set for every flow.
import { foldName } from '@flowhook/contract/flow/name';
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Database, Read } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import { writeAudit } from '../workspace/audit-log.ts';
import { findEnvironmentKeyFault, readValue } from './parameter.ts';

/** Times are epoch milliseconds. */
export interface EnvironmentRow {
  readonly id: number;
  readonly override_key: string;
  readonly value: string;
  readonly creator_id: number | null;
  readonly updater_id: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}

const maxParameters = 1000;

export async function readEnvironment(db: Read): Promise<EnvironmentRow[]> {
  return db.selectFrom('environment_parameters').selectAll().orderBy('id').execute();
}

export async function requireEnvironment(db: Read, id: number): Promise<EnvironmentRow> {
  const row = await db
    .selectFrom('environment_parameters')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('environment parameter', id);
  return row;
}

/** Sets a key; one that is there already is refused, so that nobody changes every flow by mistake. */
export async function createEnvironment(
  { db, keep }: { readonly db: Database } & Keeping,
  personId: number,
  given: { readonly overrideKey: string; readonly value: unknown },
): Promise<Kept<{ id: number }>> {
  const fault = findEnvironmentKeyFault(given.overrideKey);
  if (fault !== null) throw invalidField('overrideKey', fault);
  const read = readValue('text', given.value);
  if (!read.ok) throw invalidField('value', read.detail);
  const now = db.read.now;
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  return db.transaction(async (tx) => {
    const rows = await readEnvironment(tx);
    if (rows.length >= maxParameters)
      throw new Problem('limit_reached', `There are at most ${maxParameters} environment parameters.`);
    if (rows.some(({ override_key }) => foldName(override_key) === foldName(given.overrideKey)))
      throw new Problem(
        'conflict',
        `There is an environment parameter ${given.overrideKey} already: delete it first.`,
        [{ field: 'overrideKey', detail: 'is there already.' }],
      );
    const row = await tx
      .insertInto('environment_parameters')
      .values({ override_key: given.overrideKey, value: read.text, ...stamp })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirstOrThrow(() => new Problem('conflict', 'Somebody has just set this key: look again.'));
    await writeAudit(tx, { ...audited(personId, row), action: 'create', after: toEntry(row) });
    return keep(tx, { id: row.id });
  });
}

export async function removeEnvironment(db: Database, personId: number, id: number): Promise<void> {
  const row = await requireEnvironment(db.read, id);
  await db.transaction(async (tx) => {
    await tx.deleteFrom('environment_parameters').where('id', '=', id).execute();
    await writeAudit(tx, { ...audited(personId, row), action: 'remove', before: toEntry(row) });
  });
}

function audited(personId: number, { id }: EnvironmentRow) {
  return { personId, objectKind: 'environmentParameter', objectId: id };
}

function toEntry({ override_key: overrideKey, value }: EnvironmentRow) {
  return { overrideKey, value };
}
