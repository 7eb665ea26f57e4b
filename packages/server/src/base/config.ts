// The one table of settings: what may be set by environment, flag or file, with type, default and help.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { settingKinds, SettingError, type SettingKind } from './setting-kind.ts';

interface Setting<Value> {
  readonly env: string;
  /** Without its dashes; also the name in the config file. */
  readonly flag: string;
  readonly kind: SettingKind<Value>;
  readonly fallback: Value;
  readonly help: string;
  /** Never shown, not even in an error. */
  readonly secret?: true;
}

function define<Value>(
  env: string,
  flag: string,
  kind: SettingKind<Value>,
  fallback: Value,
  help: string,
): Setting<Value> {
  return { env, flag, kind, fallback, help };
}

const {
  text,
  optionalText,
  port,
  count,
  optionalCount,
  bytes,
  seconds,
  list,
  regexes,
  roles,
  level,
  waits,
  url,
} = settingKinds;
const mib = 1024 * 1024;

/** Every setting there is. A new one is one line here; the documentation is made from it. */
export const settings = {
  port: define('PORT', 'port', port, 3005, 'The port that the server listens on; 0 for any free one.'),
  host: define('HOST', 'host', text, '127.0.0.1', 'The address that the server listens on.'),
  baseUrl: define(
    'FLOWHOOK_BASE_URL',
    'base-url',
    url,
    null,
    'The address by which people and receivers reach this server, with its base path, if it has one. Unset: http://host:port.',
  ),
  dataDir: define(
    'FLOWHOOK_DATA_DIR',
    'data-dir',
    text,
    './data',
    'The folder for the database, uploads, results and the encryption key.',
  ),
  databaseUrl: {
    ...define(
      'DATABASE_URL',
      'database-url',
      optionalText,
      null,
      'A postgres:// address. Unset: SQLite in the data folder.',
    ),
    secret: true,
  },
  adminEmail: define(
    'FLOWHOOK_ADMIN_EMAIL',
    'admin-email',
    optionalText,
    null,
    'The first administrator, at the first start only.',
  ),
  adminPassword: {
    ...define(
      'FLOWHOOK_ADMIN_PASSWORD',
      'admin-password',
      optionalText,
      null,
      'That administrator’s password, at the first start only.',
    ),
    secret: true,
  },
  adminToken: {
    ...define(
      'FLOWHOOK_ADMIN_TOKEN',
      'admin-token',
      optionalText,
      null,
      'An access token for that administrator, any non-empty text, at the first start only.',
    ),
    secret: true,
  },
  encryptionKey: {
    ...define(
      'FLOWHOOK_ENCRYPTION_KEY',
      'encryption-key',
      optionalText,
      null,
      'The key that secrets are sealed with, at least 16 characters. Unset: a file in the data folder. Needed where several nodes share a database.',
    ),
    secret: true,
  },
  dataRoots: define(
    'FLOWHOOK_DATA_ROOTS',
    'data-roots',
    list,
    [],
    'Folders that datasets may be read from by file:// address, separated by commas.',
  ),
  roles: define(
    'ROLES',
    'roles',
    roles,
    ['api', 'jobs', 'webhooks'],
    'What this process does: api, jobs, webhooks, separated by commas.',
  ),
  trustedProxies: define(
    'FLOWHOOK_TRUSTED_PROXIES',
    'trusted-proxies',
    list,
    [],
    'Addresses or CIDR ranges of proxies whose X-Forwarded headers are believed.',
  ),
  logLevel: define(
    'FLOWHOOK_LOG_LEVEL',
    'log-level',
    level,
    'info',
    'The lowest level that is logged: trace, debug, info, warn, error, fatal or silent.',
  ),
  allowedUrlRegexes: define(
    'FLOWHOOK_ALLOWED_URL_REGEXES',
    'allowed-url-regexes',
    regexes,
    [],
    'First value of the workspace setting: a JSON list of regular expressions for URLs that may be called though their address is forbidden.',
  ),
  forbiddenIps: define(
    'FLOWHOOK_FORBIDDEN_IPS',
    'forbidden-ips',
    optionalText,
    null,
    'First value of the workspace setting: addresses and ranges that are never called, separated by semicolons. Unset: everything that is not public.',
  ),
  retrySchedule: define(
    'FLOWHOOK_RETRY_SCHEDULE',
    'retry-schedule',
    waits,
    null,
    'First value of the workspace setting: waits between attempts in seconds, as 5,30,120.',
  ),
  retentionDays: define(
    'FLOWHOOK_RETENTION_DAYS',
    'retention-days',
    optionalCount,
    null,
    'First value of the workspace setting: days that events, deliveries and attempts are kept.',
  ),
  databaseConnections: define(
    'FLOWHOOK_DATABASE_CONNECTIONS',
    'database-connections',
    count,
    16,
    'Connections to PostgreSQL that this process holds at most.',
  ),
  deliverySlots: define(
    'FLOWHOOK_DELIVERY_SLOTS',
    'delivery-slots',
    count,
    128,
    'Webhook attempts under way at once in this process.',
  ),
  deliverySlotsOfHost: define(
    'FLOWHOOK_DELIVERY_SLOTS_OF_HOST',
    'delivery-slots-of-host',
    count,
    64,
    'How many of them one receiving host may have, so that a slow one does not hold up the others.',
  ),
  jobConcurrency: define(
    'FLOWHOOK_JOB_CONCURRENCY',
    'job-concurrency',
    count,
    2,
    'Jobs run at once in this process.',
  ),
  jobMemory: define(
    'FLOWHOOK_JOB_MEMORY',
    'job-memory',
    bytes,
    1024 * mib,
    'Memory that a job’s engine may use for buffers, as 1GB.',
  ),
  jobTemp: define(
    'FLOWHOOK_JOB_TEMP',
    'job-temp',
    bytes,
    10_240 * mib,
    'Temporary disk space of a job, as 10GB.',
  ),
  jobTime: define('FLOWHOOK_JOB_TIME', 'job-time', seconds, 3600, 'Seconds that a job may run.'),
  jobThreads: define('FLOWHOOK_JOB_THREADS', 'job-threads', count, 2, 'Threads of a job’s engine.'),
  bodyLimit: define(
    'FLOWHOOK_BODY_LIMIT',
    'body-limit',
    bytes,
    2 * mib,
    'The largest JSON body that is read, as 2MB.',
  ),
  uploadLimit: define(
    'FLOWHOOK_UPLOAD_LIMIT',
    'upload-limit',
    bytes,
    10_240 * mib,
    'The largest file that may be uploaded, as 10GB.',
  ),
  sessionSeconds: define(
    'FLOWHOOK_SESSION_SECONDS',
    'session-seconds',
    seconds,
    7 * 86_400,
    'Seconds after which an unused session of the web interface ends.',
  ),
  stopSeconds: define(
    'FLOWHOOK_STOP_SECONDS',
    'stop-seconds',
    seconds,
    10,
    'Seconds that a stopping server waits for what is under way.',
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;
export type Config = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer Value> ? Value : never;
};

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By flag name, without dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The parsed config file. */
  readonly file: Readonly<Record<string, unknown>>;
}

/** Reads all settings: a flag wins over the environment, that over the file, that over the default. Throws `SettingError` for the first that is wrong. */
export function readConfig(sources: ConfigSources): Config {
  checkFileNames(sources.file);
  const entries = Object.entries(settings) as [string, Setting<unknown>][];
  return Object.fromEntries(
    entries.map(([name, setting]) => [name, readSetting(setting, sources)]),
  ) as unknown as Config;
}

function readSetting(setting: Setting<unknown>, { env, flags, file }: ConfigSources): unknown {
  const { flag, kind, fallback } = setting;
  const given: [place: string, value: unknown][] = [
    [`--${flag}`, flags[flag]],
    [setting.env, env[setting.env] === '' ? undefined : env[setting.env]],
    [`${flag} in the config file`, file[flag]],
  ];
  const [place, value] = given.find(([, each]) => each !== undefined && each !== null) ?? [];
  if (place === undefined) return fallback;
  try {
    return kind.parse(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    const shown = setting.secret ? '' : ` It was ${JSON.stringify(value)}.`;
    throw new SettingError(`${place}: ${error instanceof Error ? error.message : 'not valid'}.${shown}`);
  }
}

function checkFileNames(file: Readonly<Record<string, unknown>>): void {
  const known = new Set<string>(Object.values(settings).map(({ flag }) => flag));
  const unknown = Object.keys(file).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new SettingError(
      `The config file has a setting ${JSON.stringify(unknown)} that is not known. Known are: ${[...known].join(', ')}.`,
    );
}

/** Reads the config file: YAML, a name a setting. A file that was asked for must be there. */
export function readConfigFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it must have lines such as `port: 3005`');
  } catch (error) {
    throw new SettingError(
      `The config file ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The environment of this process: the only place that reads it. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
