// The one table of settings: what may be set by environment, flag or file, with type, default and help.
import { define, type ConfigOf, type Setting } from './setting-definition.ts';
import { settingKinds } from './setting-kind.ts';

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
  onOff,
  waits,
  url,
  wait,
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
  hosts: define(
    'FLOWHOOK_HOSTS',
    'hosts',
    list,
    [],
    'Names, beside that of the base URL, that requests may ask for the server by, separated by commas. Addresses and names without a dot always may; unset base URL: any name.',
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
      'The key that secrets are sealed with, at least 16 characters. Unset: a file in the data folder. Needed where several nodes share a database but no data folder. Several may stand here, separated by semicolons: the first one seals, all open.',
    ),
    secret: true,
  },
  oidcIssuer: define(
    'FLOWHOOK_OIDC_ISSUER',
    'oidc-issuer',
    url,
    null,
    'The address of an OpenID Connect provider, as https://login.example.com. Set, with the client id, it opens single sign-on; http only on this machine.',
  ),
  oidcClientId: define(
    'FLOWHOOK_OIDC_CLIENT_ID',
    'oidc-client-id',
    optionalText,
    null,
    'The id that the provider gave this server. Its redirect address there: <base URL>/v4/signIn/singleSignOn/callback.',
  ),
  oidcClientSecret: {
    ...define(
      'FLOWHOOK_OIDC_CLIENT_SECRET',
      'oidc-client-secret',
      optionalText,
      null,
      'The secret that the provider gave this server. Unset: a public client, by PKCE alone.',
    ),
    secret: true,
  },
  oidcName: define(
    'FLOWHOOK_OIDC_NAME',
    'oidc-name',
    text,
    'single sign-on',
    'What the provider is called on the sign-in page.',
  ),
  oidcTrustEmail: define(
    'FLOWHOOK_OIDC_TRUST_EMAIL',
    'oidc-trust-email',
    onOff,
    false,
    'Believe the email addresses of a provider that does not say whether it verified them. Only where people can’t choose their address there.',
  ),
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
  nameServers: define(
    'FLOWHOOK_NAME_SERVERS',
    'name-servers',
    list,
    [],
    'Name servers that the hosts of webhooks are asked of, as 192.0.2.53 or 192.0.2.53:5353, separated by commas; those of the system unless given.',
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
    'First value of the workspace setting: addresses and ranges that are never called, beside everything that is not public, separated by semicolons; !10.1.0.0/16 takes a range out.',
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
  requestSeconds: define(
    'FLOWHOOK_REQUEST_SECONDS',
    'request-seconds',
    seconds,
    30,
    'Seconds within which the head of a request and its JSON body must have come. An upload may take longer, at 1 KiB a second.',
  ),
  mostConnections: define(
    'FLOWHOOK_MOST_CONNECTIONS',
    'most-connections',
    count,
    5000,
    'Connections that the server keeps open at once; one more is closed as it comes.',
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
    'Seconds that a stopping server waits for what is under way. It ends two seconds later at the latest.',
  ),
  drainSeconds: define(
    'FLOWHOOK_DRAIN_SECONDS',
    'drain-seconds',
    wait,
    0,
    'Seconds that a stopping server goes on serving before that, while /readyz says that it is not ready: longer than a proxy takes to notice.',
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;
export type Config = ConfigOf<Settings>;

/** The environment of this process: the only place that reads it. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
