// What every room stands on: the open database, the key, the settings, clock, log and numbers.
import { hostname } from 'node:os';
import { checkClock, readClockOffset, systemClock, type Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { countDroppedLines, type Log } from '../base/log.ts';
import { createMetrics, type Metrics } from '../base/metrics.ts';
import { createReadiness, type Readiness } from '../base/readiness.ts';
import type { SecretBox } from '../base/secret.ts';
import { StartError } from '../base/start-error.ts';
import type { Database } from '../db/database.ts';
import { openDatabase, pingDatabase, probeDatabase } from '../db/open-database.ts';
import { checkDisk, checkSharedFolder, openDataFolder, requireRoomForDatabase } from './data-folder.ts';
import { isKeyKnown, openSecretBox, readEncryptionKeys, type KeySource } from './encryption-key.ts';
import { raiseIds } from './id-mark.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions, type WorkspaceSettings } from './setting.ts';

export interface Ground {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Absolute. */
  readonly dataDir: string;
  readonly db: Database;
  readonly box: SecretBox;
  /** Where the keys of the box come from. */
  readonly keySource: KeySource;
  readonly workspace: Workspace;
  /** For what goes wrong in the background: it is logged. */
  onError(error: unknown): void;
}

export interface GroundOptions {
  readonly log: Log;
  /** What rooms further left know of workspace settings. */
  readonly checks: WorkspaceOptions['checks'];
}

/** Opens what the settings name. Throws `StartError`, `SettingError` or `AlreadyOwned` where an administrator can put it right. */
export async function openGround(config: Config, { log, checks }: GroundOptions): Promise<Ground> {
  const onError = (error: unknown) => log.error({ err: error }, 'in the background');
  const dataDir = await openDataFolder(config.dataDir);
  const db = await openGivenDatabase(config, dataDir, onError);
  try {
    if (db.read.dialect === 'postgres') await checkSharedFolder(db, dataDir);
    await raiseIds(db, dataDir, log);
    const keySource = await readEncryptionKeys(config.encryptionKey, dataDir, !(await isKeyKnown(db)));
    const box = await openSecretBox(db, keySource);
    const workspace = await openWorkspace({ db, first: readFirstSettings(config), checks, onError });
    const clock = systemClock;
    const readiness = createReadiness(clock.now);
    readiness.add('database', async () => {
      await probeDatabase(db);
      if (db.read.dialect === 'sqlite') await requireRoomForDatabase(dataDir);
      return db.read.dialect;
    });
    // Only uploads and results need it: the API goes on.
    readiness.addNote('disk', () => checkDisk(dataDir));
    readiness.addNote('clock', checkClock);
    const metrics = createMetrics();
    metrics.gauge(
      'flowhook_log_lines_dropped',
      'Lines of the log that could not be written, as on a full disk, since the start.',
      countDroppedLines,
    );
    metrics.gauge(
      'flowhook_clock_offset_seconds',
      'How far this machine’s clock is ahead of the time that is kept: the database’s on PostgreSQL, else that before it jumped.',
      () => readClockOffset() / 1000,
    );
    metrics.gauge(
      'flowhook_database_ping_seconds',
      'How long the database took for the smallest query, at this scrape.',
      async () => {
        const began = performance.now();
        await pingDatabase(db);
        return (performance.now() - began) / 1000;
      },
    );
    return { config, clock, log, metrics, readiness, dataDir, db, box, keySource, workspace, onError };
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function openGivenDatabase(
  { databaseUrl: url, databaseConnections: connections }: Config,
  dataDir: string,
  onError: (error: unknown) => void,
): Promise<Database> {
  try {
    return await openDatabase({
      url,
      dataDir,
      connections,
      nodeName: `${hostname()} ${process.pid}`,
      onError,
    });
  } catch (error) {
    if (url === null || !isUnreachable(error)) throw error;
    const { host } = new URL(url);
    throw new StartError(
      `The database at ${host} can't be used: ${describe(error)}. Check DATABASE_URL.`,
      error,
    );
  }
}

/** No connection, or one that was turned away: nothing of this is a bug. */
function isUnreachable(error: unknown): error is Error {
  if (error instanceof AggregateError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(E[A-Z]{4,}|28\w{3}|3D000|53300|57P03)$/u.test(code);
}

function describe(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
}

/** What the settings give as first values of the workspace's. */
function readFirstSettings(config: Config): Partial<WorkspaceSettings> {
  const { allowedUrlRegexes, forbiddenIps, retrySchedule, retentionDays } = config;
  return {
    ...(allowedUrlRegexes.length > 0 && {
      'webapp.webhookSettings.allowedUrlRegexes': [...allowedUrlRegexes],
    }),
    ...(forbiddenIps !== null && { 'webapp.webhookSettings.forbiddenIPs': forbiddenIps }),
    ...(retentionDays !== null && { 'webapp.retentionDays': retentionDays }),
    ...(retrySchedule !== null && { 'webapp.webhookSettings.retrySchedule': [...retrySchedule] }),
  };
}
