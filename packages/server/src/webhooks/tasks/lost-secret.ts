// Going on without the encryption key: tasks whose secrets can't be opened any more wait, disabled, until these are given anew.
import { sql } from 'kysely';
import type { SecretBox } from '../../base/secret.ts';
import type { Database, Tx } from '../../db/database.ts';
import { holdWaiting } from '../deliveries/held-delivery.ts';
import { tasksChanged } from './task-editing.ts';
import { sealNothing } from './sealed-task.ts';
import { findTaskAsItIs, raiseRevision, updateTask, type Task } from './stored-task.ts';
import { withhold } from './missing-secret.ts';

const reason =
  'Its secrets were lost with the encryption key: give them anew (the secret key, or none) and enable it.';

/** Returns how many tasks wait now. Those that had no secrets go on, deleted ones lose theirs. */
export async function withholdLostSecrets(db: Database, box: SecretBox): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from webhook_tasks where secrets is not null order by id`.execute(db.read);
  let waiting = 0;
  for (const { id } of rows) if (await db.transaction((tx) => withholdOne(tx, db, box, id))) waiting += 1;
  return waiting;
}

async function withholdOne(tx: Tx, db: Database, box: SecretBox, id: number): Promise<boolean> {
  const task = await findTaskAsItIs(tx, box, id);
  if (task === undefined || task.unopened === null) return false;
  const { secrets } = await tx
    .selectFrom('webhook_tasks')
    .select('secrets')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (task.deletedAt !== null || isNothing(box, id, secrets!)) {
    await tx
      .updateTable('webhook_tasks')
      .set({ secrets: sealNothing(box, id) })
      .where('id', '=', id)
      .execute();
    return false;
  }
  await disable(tx, db, box, task);
  return true;
}

/**
 * What is sealed is as long as its text, and that of a task without secrets is shorter than any other but that of one
 * whose whole secret is a key of two characters or fewer.
 */
function isNothing(box: SecretBox, id: number, sealed: string): boolean {
  return sealed.length === sealNothing(box, id).length;
}

async function disable(tx: Tx, db: Database, box: SecretBox, task: Task): Promise<void> {
  const { id, flowId } = task;
  const revision = await raiseRevision(tx, flowId);
  const change = { ...withhold(task, listLost(task)), disabledReason: reason };
  const personId = (task.updaterId ?? task.creatorId)!;
  await updateTask(tx, box, task, change, { flowId, revision, personId, byServer: true });
  await holdWaiting(tx, id);
  db.announce(tx, { topic: tasksChanged, flowId, ids: [id] });
}

/** Names of secrets stood in the sealed text alone: what the task's own text asks for is what it needs. */
function listLost({ url, urlSecret, headers, body }: Task): string[] {
  const text = [url, body ?? '', ...Object.values(headers)].join('\n');
  const names = [...text.matchAll(/\$secret\.(\w+)/gu)].map(([, name]) => `secrets.${name}`);
  const closed = Object.keys(headers).filter((name) => headers[name] === null);
  return [
    ...(urlSecret ? ['url'] : []),
    ...closed.map((name) => `headers.${name}`),
    'secretKey',
    ...new Set(names),
  ];
}
