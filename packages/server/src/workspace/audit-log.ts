// The audit log: who changed what, with the values before and after; never a secret.
import { sqlNow } from '../db/dialect.ts';
import type { Database, Tx } from '../db/database.ts';

export interface AuditEntry {
  /** Null: the server itself, or a command on its machine. */
  readonly personId: number | null;
  readonly action: 'create' | 'change' | 'remove';
  readonly objectKind: string;
  readonly objectId: number | null;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Writes the entry in the transaction that makes the change. */
export async function writeAudit(tx: Tx, engine: Database['engine'], entry: AuditEntry): Promise<void> {
  const row = {
    at: sqlNow(engine),
    person_id: entry.personId,
    action: entry.action,
    object_kind: entry.objectKind,
    object_id: entry.objectId,
    before_value: toText(entry.before),
    after_value: toText(entry.after),
  };
  await tx.insertInto('audit_log').values(row).execute();
}

function toText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
