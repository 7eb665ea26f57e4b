// The table of settings of `flowhook exec`: a client, which has them from flags and environment alone.
import { define, type ConfigOf, type Setting } from './setting-definition.ts';
import { settingKinds } from './setting-kind.ts';

const { optionalText, clientUrl, heartbeat, wait } = settingKinds;

/** A new one is one line here; the documentation is made from it. */
export const clientSettings = {
  server: define(
    'FLOWHOOK_SERVER',
    'server',
    clientUrl,
    'http://127.0.0.1:3005',
    'The address of the server, with its base path, if it has one.',
  ),
  token: {
    ...define(
      'FLOWHOOK_TOKEN',
      'token',
      optionalText,
      null,
      'An access token of somebody who may edit the flow. As a flag other people of the machine can see it.',
    ),
    secret: true,
  },
  tokenFile: define(
    'FLOWHOOK_TOKEN_FILE',
    'token-file',
    optionalText,
    null,
    'A file that holds the token, instead of FLOWHOOK_TOKEN.',
  ),
  spool: define(
    'FLOWHOOK_SPOOL',
    'spool',
    optionalText,
    null,
    'The folder, on a local disk, where results stand until they are delivered. Unset: ~/.local/state/flowhook/exec.',
  ),
  heartbeatSeconds: define(
    'FLOWHOOK_HEARTBEAT_SECONDS',
    'heartbeat-seconds',
    heartbeat,
    60,
    'After so many seconds of silence the server fails the job with the reason lost: 5 to 86400, or 0 for never.',
  ),
  waitSeconds: define(
    'FLOWHOOK_WAIT_SECONDS',
    'wait-seconds',
    wait,
    10,
    'How long exec stays after its command to deliver what the server has not taken yet.',
  ),
} as const satisfies Record<string, Setting<unknown>>;

export type ClientConfig = ConfigOf<typeof clientSettings>;
