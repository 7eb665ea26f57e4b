// Removing a person: what they own is shown first, and goes to somebody else with the account or nothing is removed.
import { sql } from 'kysely';
import { Problem, invalidField } from '../base/error.ts';
import type { Read, Tx } from '../db/database.ts';
import { lockPerson, readAccount, removeAccount, type Account } from '../people/account.ts';
import { writeAudit } from '../workspace/audit-log.ts';
import { announceFlow, datasetsChanged, type FlowRoom } from './flow-room.ts';
import { refuseViewer } from './sharing.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

export interface PersonRemoval {
  readonly person: Account;
  /** They need a new owner. */
  readonly flows: readonly Named[];
  readonly datasets: readonly Named[];
  /** Flows of others that were shared with the person: that ends. */
  readonly sharedFlows: readonly Named[];
  /** They end at once. */
  readonly tokens: readonly { readonly tokenId: string; readonly description: string }[];
  readonly sessions: number;
}

/** What of these rooms would go with a person, and what needs a new owner. */
export async function describePersonRemoval(db: Read, id: number): Promise<PersonRemoval> {
  const person = await readAccount(db, id);
  const { flows, datasets } = await readOwned(db, id);
  const shared = sql<Named>`
    select f.id, f.name from flow_grants g join flows f on f.id = g.flow_id
    where g.person_id = ${id} and f.deleted_at is null order by f.id`;
  const sessions = await sql<{ count: number }>`
    select count(*) as count from sessions where person_id = ${id}`.execute(db);
  return {
    person,
    flows,
    datasets,
    sharedFlows: (await shared.execute(db)).rows,
    tokens: await db
      .selectFrom('access_tokens')
      .select(['token_id as tokenId', 'description'])
      .where('person_id', '=', id)
      .orderBy('id')
      .execute(),
    sessions: sessions.rows[0]!.count,
  };
}

async function readOwned(db: Read, personId: number): Promise<{ flows: Named[]; datasets: Named[] }> {
  const read = (table: 'flows' | 'datasets') =>
    db
      .selectFrom(table)
      .select(['id', 'name'])
      .where('owner_id', '=', personId)
      .where('deleted_at', 'is', null)
      .orderBy('id')
      .execute();
  return { flows: await read('flows'), datasets: await read('datasets') };
}

/**
 * Removes a person. Flows and datasets go to `transferTo`; where it is not said and there are any, `conflict` names
 * them and nothing is removed. Sessions, tokens and shares end at once, launched jobs go on.
 */
export async function removePerson(
  room: FlowRoom,
  id: number,
  transferTo: number | undefined,
  actor: number,
): Promise<void> {
  const { db } = room;
  await db.transaction(async (tx) => {
    await removeAccount(tx, db, id, actor);
    const owned = await readOwned(tx, id);
    if (transferTo !== undefined) await transfer(tx, { from: id, to: transferTo, actor });
    else if (owned.flows.length + owned.datasets.length > 0) throw askForOwner(owned);
    await tx.deleteFrom('flow_grants').where('person_id', '=', id).execute();
    for (const flow of owned.flows) announceFlow(room, tx, flow.id);
    const ids = owned.datasets.map((dataset) => dataset.id);
    if (ids.length > 0) db.announce(tx, { topic: datasetsChanged, flowId: null, ids });
  });
}

function askForOwner({ flows, datasets }: { flows: Named[]; datasets: Named[] }): Problem {
  const owned = [count(flows.length, 'flow'), count(datasets.length, 'dataset')].filter(
    (text) => text !== '',
  );
  const detail = `The person owns ${owned.join(' and ')}: say with transferTo who gets them.`;
  return new Problem(
    'conflict',
    detail,
    [{ field: 'transferTo', detail: 'is needed: the id of a person.' }],
    {
      flows: flows.slice(0, 100),
      datasets: datasets.slice(0, 100),
    },
  );
}

function count(number: number, word: string): string {
  return number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`;
}

interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly actor: number;
}

async function transfer(tx: Tx, { from, to, actor }: Transfer): Promise<void> {
  if (to === from) throw invalidField('transferTo', 'is the person who is removed: name somebody else.');
  await lockPerson(tx, to).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found')
      throw invalidField('transferTo', `${to} is nobody who has an account here.`);
    throw error;
  });
  refuseViewer(await readAccount(tx, to), 'transferTo');
  const { flows, datasets } = await readOwned(tx, from);
  // A deleted flow's history goes along.
  await sql`delete from flow_grants where person_id = ${to} and flow_id in (
    select id from flows where owner_id = ${from})`.execute(tx);
  await tx.updateTable('flows').set({ owner_id: to }).where('owner_id', '=', from).execute();
  const stamp = { updated_at: tx.now, updater_id: actor };
  await tx
    .updateTable('datasets')
    .set({ owner_id: to, ...stamp })
    .where('owner_id', '=', from)
    .execute();
  const entry = {
    personId: actor,
    action: 'change',
    before: { ownerId: from },
    after: { ownerId: to },
  } as const;
  for (const { id } of flows) await writeAudit(tx, { ...entry, objectKind: 'flow owner', objectId: id });
  for (const { id } of datasets)
    await writeAudit(tx, { ...entry, objectKind: 'dataset owner', objectId: id });
}
