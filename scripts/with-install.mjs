// Runs a script on the Node of the lockfile, after installing what the lockfile names where that is missing.
// Plain JavaScript without dependencies: it is the one file that an older Node (18 or newer) reads.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const neededNode = [24, 7];
/** The same signal again within this is the same one. */
const repeatMs = 1000;
const nodeFlags = ['--conditions=flowhook-source', '--disable-warning=ExperimentalWarning'];

const [script, ...scriptArguments] = process.argv.slice(2);
if (script === undefined) stop('usage: node scripts/with-install.mjs SCRIPT [ARGUMENT ...]');

const reason = findInstallReason();
if (reason !== undefined) install(reason);
run(findNode());

/** Why `npm ci` is needed, or undefined. npm keeps what it installed in node_modules/.package-lock.json. */
function findInstallReason() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const found = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) stop('package-lock.json is missing or broken: restore it from the repository');
  if (found === undefined) return 'node_modules is missing or not whole';
  for (const [path, entry] of wanted) {
    const there = found.get(path);
    if (there === undefined && !entry.optional) return `${path} is not installed`;
    if (there !== undefined && identify(there) !== identify(entry)) return `${path} is another version`;
  }
  for (const path of found.keys()) if (!wanted.has(path)) return `${path} is not in package-lock.json`;
  return undefined;
}

function readPackages(path) {
  try {
    const { packages } = JSON.parse(readFileSync(path, 'utf8'));
    return new Map(Object.entries(packages).filter(([name]) => name.includes('node_modules/')));
  } catch {
    return undefined;
  }
}

function identify({ version, integrity, resolved, link }) {
  return link ? `link ${resolved}` : `${version} ${integrity}`;
}

function install(why) {
  console.error(`Installing what package-lock.json names: ${why}.`);
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npmScript = process.env.npm_execpath;
  const [command, args] = npmScript?.endsWith('.js')
    ? [process.execPath, [npmScript, ...options]]
    : ['npm', options];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) stop(`npm could not be started: ${error.message}`);
  if (status !== 0) stop('npm ci failed: see its lines above', status ?? 1);
}

/** The Node of the lockfile where it runs on this machine, else the one that runs this file if it is new enough. */
function findNode() {
  const installed = join(bin, 'node');
  if (existsSync(installed)) {
    const { status, stdout } = spawnSync(installed, ['--version'], { encoding: 'utf8' });
    if (status === 0 && isNewEnough(stdout)) return installed;
  }
  if (isNewEnough(process.version)) return process.execPath;
  return stop(
    `Flowhook needs Node.js ${neededNode.join('.')} or newer and this is ${process.version}. ` +
      'npm brings one along on Linux (x64 and arm64, glibc) unless optional dependencies are left out; ' +
      'elsewhere install Node.js 24 and put it first on PATH.',
  );
}

function isNewEnough(version) {
  const [major, minor] = version.replace('v', '').split('.').map(Number);
  return major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1]);
}

/**
 * Starts the script, passes signals on to it, and ends as it ends. The server has a process group of its own: a signal to
 * the whole group of npm, or Ctrl-C in a terminal, comes here once or twice (npm passes its own on), and there once. A
 * second one that is meant comes later than a moment. By the channel it learns that nobody is left to pass signals on.
 */
function run(node) {
  const passed = new Map();
  const isServer = ['scripts/start.ts', 'packages/server/src/main.ts'].includes(script);
  const child = spawn(node, [...nodeFlags, join(root, script), ...scriptArguments], {
    stdio: ['inherit', 'inherit', 'inherit', ...(isServer ? ['ipc'] : [])],
    detached: isServer,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      const before = passed.get(signal) ?? -Infinity;
      if (performance.now() - before < repeatMs) return;
      // Without a group of its own it has this one from the terminal already.
      if (signal === 'SIGINT' && !isServer && process.stdin.isTTY) return;
      passed.set(signal, performance.now());
      child.kill(signal);
    });
  if (isServer && process.env.npm_lifecycle_event === 'start') followParent(() => child.kill('SIGTERM'));
  child.on('error', (error) => stop(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** npm can be killed without a word: then nobody would pass on a signal any more. */
function followParent(end) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 500).unref();
}

function stop(message, status = 1) {
  console.error(message);
  process.exit(status);
}
