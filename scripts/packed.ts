// Proves the packages: builds and packs them, installs the tarballs into an empty folder, calls with the client and runs
// the demo's flow on the server that were installed there.
//
//   node --conditions=flowhook-source scripts/packed.ts
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = ['signature', 'contract', 'client', 'server'];
/** The client is a package of its own: it answers for itself, without a server. */
const tryClient = `
  import { createClient, Problem } from '@flowhook/client';
  const { flow } = createClient({ server: 'http://127.0.0.1:9', retries: 0 });
  const error = await flow.list().catch((thrown) => thrown);
  if (!(error instanceof Problem) || error.code !== 'unreachable') throw error;
  console.log('the client: ' + error.detail);`;
const folder = mkdtempSync(join(tmpdir(), 'flowhook-packed-'));

try {
  run(root, process.execPath, [...process.execArgv, 'scripts/build.ts']);
  const tarballs = pack(join(folder, 'tarballs'));
  const home = join(folder, 'home');
  install(home, tarballs);
  const server = join(home, 'node_modules/.bin/flowhook');
  run(home, server, ['--version']);
  run(home, process.execPath, ['--input-type=module', '--eval', tryClient]);
  run(root, process.execPath, [...process.execArgv, 'scripts/demo.ts', '--once', '--server', server]);
  console.log('packed: passed');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack(target: string): string[] {
  mkdirSync(target, { recursive: true });
  const workspaces = packages.flatMap((name) => ['--workspace', `packages/${name}`]);
  run(root, 'npm', ['pack', '--silent', '--pack-destination', target, ...workspaces]);
  const names = readdirSync(target);
  if (names.length !== packages.length) throw new Error(`npm pack made ${names.join(', ')}`);
  return names.map((name) => join(target, name));
}

/** Without install scripts, as the repository itself: every binary that is needed comes inside a package. */
function install(home: string, tarballs: readonly string[]): void {
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  run(home, 'npm', [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...tarballs,
  ]);
}

function run(cwd: string, command: string, args: readonly string[]): void {
  console.log(`$ ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? 'no'} exit code`, { cause: error });
}
