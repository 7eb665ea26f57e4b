// The API document against a running server: schemathesis (from PyPI, by its version below) makes calls from
// docs/openapi.json, right ones and wrong ones, and holds the answers to the document.
//
//   npm run api-check                           the phase that tries the bounds of every parameter and member
//   npm run api-check -- --phases examples,coverage,fuzzing
//
// Needs python3 with venv. Loopback only; the server, its folder and the Python environment go when it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServerProcess } from './demo/server-process.ts';

const version = '4.32.5';
const seed = '1';
/** Calls that end the sign-in or the account which all others need, or an answer that never ends. */
const leftOut =
  '^(sessionRemove|personRemove|personChange|personChangeOwnPassword|personResetPassword|eventStreamOpen)$';

const { values: options } = parseArgs({ options: { phases: { type: 'string', default: 'coverage' } } });
const root = fileURLToPath(new URL('..', import.meta.url));
const settings = fileURLToPath(new URL('schemathesis', import.meta.url));
const config = join(settings, 'schemathesis.toml');
const document = join(root, 'docs/openapi.json');
const folder = await mkdtemp(join(tmpdir(), 'flowhook-api-check-'));
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));

try {
  await run('python3', ['-m', 'venv', folder]);
  const bin = join(folder, 'bin');
  await run(join(bin, 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `schemathesis==${version}`,
  ]);
  const token = 'the-token-of-the-api-check';
  const server = await startServerProcess(
    {
      FLOWHOOK_ADMIN_EMAIL: 'admin@example.com',
      FLOWHOOK_ADMIN_PASSWORD: 'a password of the API check',
      FLOWHOOK_ADMIN_TOKEN: token,
      FLOWHOOK_TRUSTED_PROXIES: '127.0.0.1',
    },
    stopping.signal,
  );
  try {
    const chosen = ['--checks', 'all', '--phases', options.phases, '--exclude-operation-id-regex', leftOut];
    const caller = ['--url', server.url, '-H', `Authorization: Bearer ${token}`];
    process.exitCode = await run(
      join(bin, 'schemathesis'),
      ['--config-file', config, 'run', document, ...caller, ...chosen, '--seed', seed, '--no-color'],
      { SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: settings, PYTHONDONTWRITEBYTECODE: '1' },
    );
  } finally {
    await server.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The exit code; throws where a command of the set-up fails. */
async function run(command: string, values: string[], environment?: Record<string, string>): Promise<number> {
  const child = spawn(command, values, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
    signal: stopping.signal,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 && environment === undefined) throw new Error(`${command} ended with ${code}`);
  return code ?? 1;
}
