// The audit log: who changed what, with the values before and after; never a secret.
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../db/database.ts';

export interface AuditEntry {
  /** Null: the server itself, or a command on its machine. */
  readonly personId: number | null;
  readonly action: 'create' | 'change' | 'remove';
  readonly objectKind: string;
  readonly objectId: number | null;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Writes the entry in the transaction that makes the change; long texts are cut. */
export async function writeAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  const row = {
    at: tx.now,
    person_id: entry.personId,
    action: entry.action,
    object_kind: entry.objectKind,
    object_id: entry.objectId,
    before_value: toText(shorten(entry.before)),
    after_value: toText(shorten(entry.after)),
  };
  await tx.insertInto('audit_log').values(row).execute();
}

type Values = Readonly<Record<string, unknown>>;

/** Writes what differs between the two, and `about`, which tells what it was; nothing where nothing differs. */
export async function writeDifference(
  tx: Tx,
  {
    before,
    after,
    about = {},
    ...entry
  }: Omit<AuditEntry, 'before' | 'after'> & {
    readonly before: Values;
    readonly after: Values;
    readonly about?: Values;
  },
): Promise<void> {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => toText(before[name]) !== toText(after[name]),
  );
  if (names.length === 0) return;
  const pick = (values: Values) => ({
    ...about,
    ...Object.fromEntries(names.map((name) => [name, values[name]])),
  });
  await writeAudit(tx, { ...entry, before: pick(before), after: pick(after) });
}

/** Characters: a body may have a million. */
const longestText = 2_000;

/** Its long texts cut, and those of its members. */
function shorten(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cut(each)]));
  return cut(value);
}

function cut(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= longestText) return value;
  return `${value.slice(0, longestText).toWellFormed()}… (${value.length} characters)`;
}

function toText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Times are epoch milliseconds, values JSON. */
export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly person_id: number | null;
  readonly person_name: string | null;
  readonly person_email: string | null;
  readonly action: AuditEntry['action'];
  readonly object_kind: string;
  readonly object_id: number | null;
  readonly before_value: string | null;
  readonly after_value: string | null;
}

const from = sql.raw('from audit_log a left join people p on p.id = a.person_id');

export async function readAudit(
  db: Read,
  { where, page }: { readonly where: RawBuilder<boolean>; readonly page: RawBuilder<unknown> },
): Promise<AuditRow[]> {
  const { rows } = await sql<AuditRow>`
    select a.id, a.at, a.person_id, p.name as person_name, p.email as person_email, a.action, a.object_kind, a.object_id,
      a.before_value, a.after_value ${from} where ${where} order by a.id desc ${page}`.execute(db);
  return rows;
}

export async function countAudit(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}
