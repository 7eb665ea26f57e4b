// What is never read back of a webhook task, sealed in one text that opens in its own row and column alone.
import { sql } from 'kysely';
import { sealedPrefix, type SecretBox } from '../../base/secret.ts';
import type { Database } from '../../db/database.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import type { EarlierKey } from '../messages/key-overlap.ts';
import type { TaskDefinition } from './task-rule.ts';
import { Unusable } from '../messages/unusable.ts';

interface Sealed {
  readonly secretKey: string | null;
  readonly earlierKey?: EarlierKey | null | undefined;
  readonly secrets: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | null>>;
  /** Only where the URL itself is a secret; the column `url` then has it masked. */
  readonly url: string | null;
}

/** A text that was moved to another task, or to another column, does not open there. */
function contextOf(taskId: number): string {
  return `webhook_tasks.secrets of ${taskId}`;
}

export function sealTask(box: SecretBox, taskId: number, task: TaskDefinition): string {
  return box.seal(JSON.stringify(readSecrets(task)), contextOf(taskId));
}

/** What of a task is secret. */
export function readSecrets(task: TaskDefinition): Sealed {
  const headers = Object.fromEntries(
    Object.entries(task.headers).filter(([name]) => isSecretHeader(name, task.secretHeaders)),
  );
  return {
    secretKey: task.secretKey,
    // Left out where there is none: `forget-secrets` tells by the length that a task has no secrets.
    earlierKey: task.earlierKey ?? undefined,
    secrets: task.secrets,
    headers,
    url: task.urlSecret ? task.url : null,
  };
}

/** The text of a task that has no secrets. */
export function sealNothing(box: SecretBox, taskId: number): string {
  const sealed: Sealed = { secretKey: null, secrets: {}, headers: {}, url: null };
  return box.seal(JSON.stringify(sealed), contextOf(taskId));
}

/** Throws where the text was sealed for another row, or with another key. */
function openSealed(box: SecretBox, { id, secrets }: { id: number; secrets: string | null }): Sealed {
  if (secrets === null) return { secretKey: null, secrets: {}, headers: {}, url: null };
  return JSON.parse(box.open(secrets, contextOf(id))) as Sealed;
}

/** The same, without the secrets where they can't be opened: `unopened` says why. */
export function openWhereKnown(
  box: SecretBox,
  row: { readonly id: number; readonly secrets: string | null },
): Sealed & { readonly unopened: Unusable | null } {
  try {
    return { ...openSealed(box, row), unopened: null };
  } catch (error) {
    const unopened = new Unusable(
      `The secrets of webhook task ${row.id} can't be opened with this server's encryption key. ` +
        'Give the server the key that they were sealed with, or delete the task and create it anew.',
      error,
    );
    return { ...openSealed(box, { id: row.id, secrets: null }), unopened };
  }
}

const batch = 100;

/**
 * Seals anew up to 100 rows that another key than the box's of now has sealed; gives how many there were. A row that is
 * changed at the same moment keeps its change, which the new key has sealed.
 */
export async function resealTasks(db: Database, box: SecretBox): Promise<number> {
  const prefix = sealedPrefix(box.keyId);
  return db.transaction(async (tx) => {
    const { rows } = await sql<{ id: number; secrets: string }>`
      select id, secrets from webhook_tasks where secrets is not null
        and substr(secrets, 1, ${sql.lit(prefix.length)}) <> ${prefix} order by id limit ${batch}`.execute(
      tx,
    );
    for (const { id, secrets } of rows) {
      const sealed = box.seal(box.open(secrets, contextOf(id)), contextOf(id));
      await tx
        .updateTable('webhook_tasks')
        .set({ secrets: sealed })
        .where('id', '=', id)
        .where('secrets', '=', secrets)
        .execute();
    }
    return rows.length;
  });
}
