// Workspace settings: what administrators change while the server runs; one table with kind, default and help.
import { sql } from 'kysely';
import { z } from 'zod';
import { invalidFields, type FieldError } from '../base/error.ts';
import type { Database, Read } from '../db/database.ts';
import { nowText } from '../db/dialect.ts';

const hours = 3600;
const waits = z
  .array(
    z
      .number()
      .positive()
      .max(7 * 24 * hours),
  )
  .min(1)
  .max(50);

/** Every workspace setting, by the key that the API uses. */
export const workspaceSettings = {
  'webapp.webhookSettings.enabled': {
    schema: z.boolean(),
    fallback: true,
    help: 'Whether webhook tasks fire at all.',
  },
  'webapp.webhookSettings.forbiddenIPs': {
    schema: z.string().max(20_000),
    fallback: '',
    help: 'Addresses and ranges that are never called, `;`-separated. Empty: everything that is not public.',
  },
  'webapp.webhookSettings.allowedUrlRegexes': {
    schema: z.array(z.string().min(1).max(2000)).max(200),
    fallback: [] as string[],
    help: 'Expressions for URLs that may be called though their address is forbidden.',
  },
  'webapp.webhookSettings.retrySchedule': {
    schema: waits,
    fallback: [5, 30, 120, 600, 3600, 10_800, 36_000],
    help: 'Waits between attempts, in seconds.',
  },
  'webapp.webhookSettings.maximumAge': {
    schema: z
      .int()
      .min(60)
      .max(30 * 24 * hours),
    fallback: 72 * hours,
    help: 'Seconds after which a delivery is not attempted again.',
  },
  'webapp.webhookSettings.timeLimit': {
    schema: z.int().min(1).max(300),
    fallback: 30,
    help: 'Seconds that one attempt may take.',
  },
  'webapp.webhookSettings.tasksPerFlow': {
    schema: z.int().min(1).max(1000),
    fallback: 50,
    help: 'Webhook tasks that a flow may have.',
  },
  'webapp.webhookSettings.selfCalls': {
    schema: z.boolean(),
    fallback: false,
    help: 'Whether a webhook may call this server’s own API.',
  },
  'webapp.retentionDays': {
    schema: z.int().min(1).max(3650),
    fallback: 90,
    help: 'Days that events, deliveries and attempts are kept.',
  },
} as const;

type Table = typeof workspaceSettings;
export type SettingKey = keyof Table;
export type WorkspaceSettings = { readonly [Key in SettingKey]: z.output<Table[Key]['schema']> };
export const settingKeys = Object.keys(workspaceSettings) as SettingKey[];

export interface Workspace {
  /** The settings of now; kept in memory and renewed when any node changes them. */
  settings(): WorkspaceSettings;
  /** Changes settings, all or none. Throws `validation_failed` with every key at fault. */
  change(changes: Readonly<Record<string, unknown>>, personId: number | null): Promise<WorkspaceSettings>;
  /** Adds a check that a room further left has for one setting. */
  addCheck(key: SettingKey, check: (value: never) => string | null): void;
  onChange(listener: () => void): void;
}

const settingsChanged = 'settings.changed';

/** `first` are the values of the first start; they are stored then and not looked at again. */
export async function openWorkspace(
  db: Database,
  first: Partial<WorkspaceSettings>,
  onError: (error: unknown) => void,
): Promise<Workspace> {
  await storeFirst(db, first);
  let current = await readSettings(db.read);
  const checks = new Map<string, ((value: never) => string | null)[]>();
  const listeners: (() => void)[] = [];
  const renew = async () => {
    current = await readSettings(db.read);
    for (const listener of listeners) listener();
  };
  db.listen(({ topic }) => {
    if (topic === settingsChanged) void renew().catch(onError);
  });
  return {
    settings: () => current,
    addCheck: (key, check) => void checks.set(key, [...(checks.get(key) ?? []), check]),
    onChange: (listener) => void listeners.push(listener),
    async change(changes, personId) {
      const values = checkChanges(changes, checks);
      await db.transaction(async (tx) => {
        for (const [key, value] of values) await storeSetting(tx, db, key, value, personId);
        db.announce(tx, { topic: settingsChanged, flowId: null, ids: [] });
      });
      await renew();
      return current;
    },
  };
}

function checkChanges(
  changes: Readonly<Record<string, unknown>>,
  checks: ReadonlyMap<string, ((value: never) => string | null)[]>,
): [SettingKey, unknown][] {
  const errors: FieldError[] = [];
  const values: [SettingKey, unknown][] = [];
  for (const [key, given] of Object.entries(changes)) {
    if (!isSettingKey(key)) continue;
    const parsed = workspaceSettings[key].schema.safeParse(given);
    const detail = parsed.success
      ? findFault(checks.get(key), parsed.data)
      : parsed.error.issues.map(({ message }) => message).join(' ');
    if (detail === null) values.push([key, parsed.data]);
    else errors.push({ field: key, detail });
  }
  if (errors.length > 0) throw invalidFields(errors);
  return values;
}

function findFault(checks: ((value: never) => string | null)[] | undefined, value: unknown): string | null {
  for (const check of checks ?? []) {
    const fault = check(value as never);
    if (fault !== null) return fault;
  }
  return null;
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(workspaceSettings, key);
}

async function readSettings(db: Read): Promise<WorkspaceSettings> {
  // Beside the settings the table holds a few values of the server's own.
  const rows = await db
    .selectFrom('workspace_settings')
    .select(['key', 'value'])
    .where('key', 'in', settingKeys)
    .execute();
  const stored = new Map(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
  return Object.fromEntries(
    settingKeys.map((key) => [key, stored.get(key) ?? workspaceSettings[key].fallback]),
  ) as unknown as WorkspaceSettings;
}

async function storeFirst(db: Database, first: Partial<WorkspaceSettings>): Promise<void> {
  const now = sql<number>`${sql.raw(nowText(db.engine))}`;
  await db.transaction(async (tx) => {
    for (const [key, value] of Object.entries(first)) {
      const row = { key, value: JSON.stringify(value), updated_at: now };
      await tx
        .insertInto('workspace_settings')
        .values(row)
        .onConflict((conflict) => conflict.column('key').doNothing())
        .execute();
    }
  });
}

async function storeSetting(
  tx: Read,
  db: Database,
  key: SettingKey,
  value: unknown,
  personId: number | null,
): Promise<void> {
  const now = sql<number>`${sql.raw(nowText(db.engine))}`;
  const before = await tx
    .selectFrom('workspace_settings')
    .select('value')
    .where('key', '=', key)
    .executeTakeFirst();
  const row = { value: JSON.stringify(value), updated_at: now, updater_id: personId };
  await tx
    .insertInto('workspace_settings')
    .values({ key, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
  const entry = {
    at: now,
    person_id: personId,
    action: 'change',
    object_kind: `setting ${key}`,
    before_value: before?.value ?? null,
    after_value: row.value,
  };
  await tx.insertInto('audit_log').values(entry).execute();
}
