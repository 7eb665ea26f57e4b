// Workspace settings: what administrators change while the server runs, the same on every node.
import { invalidFields } from '../base/error.ts';
import { SettingError } from '../base/setting-kind.ts';
import { announcementsMissed, type Database, type Read, type Tx } from '../db/database.ts';
import { writeAudit } from './audit-log.ts';
import {
  checkSettings,
  defaultSettings,
  settingKeys,
  type SettingCheck,
  type SettingKey,
  type WorkspaceSettings,
} from './setting-table.ts';

export type { SettingKey, WorkspaceSettings };

export interface Workspace {
  /** The settings of now; kept in memory and renewed when any node changes them. */
  settings(): WorkspaceSettings;
  /** Changes settings, all or none. Throws `validation_failed` with every key at fault. */
  change(changes: Readonly<Record<string, unknown>>, personId: number | null): Promise<WorkspaceSettings>;
  /** Adds a check that a room further left has for one setting. */
  addCheck(key: SettingKey, check: SettingCheck): void;
  onChange(listener: () => void): void;
}

const settingsChanged = 'settings.changed';

export interface WorkspaceOptions {
  readonly db: Database;
  /** The values of the first start; they are stored then and not looked at again. */
  readonly first: Partial<WorkspaceSettings>;
  readonly checks: Readonly<Partial<Record<SettingKey, SettingCheck>>>;
  onError(error: unknown): void;
}

/** Throws `SettingError` where a first value is not allowed. */
export async function openWorkspace({ db, first, checks, onError }: WorkspaceOptions): Promise<Workspace> {
  const allChecks = new Map<string, SettingCheck[]>(
    Object.entries(checks).map(([key, check]) => [key, [check]]),
  );
  await storeFirst(db, checkFirst(first, allChecks));
  let current = await readSettings(db.read);
  const listeners: (() => void)[] = [];
  const renew = async () => {
    current = await readSettings(db.read);
    for (const listener of listeners) listener();
  };
  db.listen(({ topic }) => {
    if (topic === settingsChanged || topic === announcementsMissed) void renew().catch(onError);
  });
  return {
    settings: () => current,
    addCheck: (key, check) => void allChecks.set(key, [...(allChecks.get(key) ?? []), check]),
    onChange: (listener) => void listeners.push(listener),
    async change(changes, personId) {
      const { values, errors } = checkSettings(changes, allChecks);
      if (errors.length > 0) throw invalidFields(errors);
      await db.transaction(async (tx) => {
        for (const [key, value] of values) await storeSetting(tx, key, value, personId);
        db.announce(tx, { topic: settingsChanged, flowId: null, ids: [] });
      });
      await renew();
      return current;
    },
  };
}

function checkFirst(first: Partial<WorkspaceSettings>, checks: ReadonlyMap<string, SettingCheck[]>) {
  const { values, errors } = checkSettings(first, checks);
  if (errors.length === 0) return values;
  const found = errors.map(({ field, detail }) => `${field}: ${detail}`).join(' ');
  throw new SettingError(`A first value of the workspace settings is not allowed. ${found}`);
}

async function readSettings(db: Read): Promise<WorkspaceSettings> {
  // Beside the settings the table holds a few values of the server's own.
  const rows = await db
    .selectFrom('workspace_settings')
    .select(['key', 'value'])
    .where('key', 'in', settingKeys)
    .execute();
  const stored = rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]);
  return { ...defaultSettings, ...(Object.fromEntries(stored) as Partial<WorkspaceSettings>) };
}

async function storeFirst(db: Database, values: readonly [SettingKey, unknown][]): Promise<void> {
  if (values.length === 0) return;
  const rows = values.map(([key, value]) => ({
    key,
    value: JSON.stringify(value),
    updated_at: db.read.now,
  }));
  await db.transaction((tx) =>
    tx
      .insertInto('workspace_settings')
      .values(rows)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute(),
  );
}

async function storeSetting(tx: Tx, key: SettingKey, value: unknown, personId: number | null): Promise<void> {
  const query = tx.selectFrom('workspace_settings').select('value').where('key', '=', key);
  const stored = await query.executeTakeFirst();
  const before = stored === undefined ? defaultSettings[key] : (JSON.parse(stored.value) as unknown);
  if (JSON.stringify(before) === JSON.stringify(value)) return;
  const row = { value: JSON.stringify(value), updated_at: tx.now, updater_id: personId };
  await tx
    .insertInto('workspace_settings')
    .values({ key, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
  const change = { personId, action: 'change', objectKind: `setting ${key}`, objectId: null } as const;
  await writeAudit(tx, { ...change, before, after: value });
}
