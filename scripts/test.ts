// Runs the tests: all of them, or the files and folders named, on both databases where PostgreSQL can be had.
//
//   npm test -- [--require-postgres] [--require-browser] [--again] [--times] [--full] [--lane LANE] [--name PATTERN]
//               [FILE or FOLDER ...]
//
// PostgreSQL is the server named by FLOWHOOK_TEST_POSTGRES_URL (or DATABASE_URL_TEST), whose user may create
// databases; else a throw-away one, started here from the binaries that are installed. Tests in a browser need Chromium.
// `--again`: files that failed are run once more, each alone. What passes then was short of time on a busy machine: it
// is named at the end. What fails twice, or more than a few files, fails the run. `--times`: names the dearest files.
// `--lane browser`: the built web interface alone, `packages/web/test`; `--lane long`: the files named `*.long.test.ts`, of
// servers that are killed, cut off or overrun, of random calls and tables, and what else costs more than 20 s of processor
// time (`--times`) and is no net for what a change forgot; `--lane short`: all others. Else all lanes.
// `--full`: what runs with small numbers otherwise (servers that are killed, pages in their states) runs with its full ones.
import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  findPostgresBinaries,
  startPostgres,
  type PostgresServer,
} from '../packages/server/test/postgres.ts';
import { makeSqliteTemplate } from '../packages/server/test/database.ts';
import { makePostgresTemplate } from '../packages/server/test/postgres-server.ts';
import { findChromium } from '../packages/web/test/browser.ts';
import { buildForTests, compiled } from './test-build.ts';
import { countCosts } from './test-cost.ts';
import { reportTests } from './test-report.ts';
import { buildWeb } from './web-build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const places = ['packages/*/src', 'packages/*/test', 'examples', 'scripts'];
/** A run in which no file ends for so long hangs. */
const silenceMs = 10 * 60_000;
/** When more files than this fail, they are not run again: something is broken. */
const maxAgain = 8;

const { values: options, positionals } = parseArgs({
  options: {
    'require-postgres': { type: 'boolean' },
    'require-browser': { type: 'boolean' },
    again: { type: 'boolean' },
    times: { type: 'boolean' },
    full: { type: 'boolean' },
    lane: { type: 'string' },
    name: { type: 'string' },
  },
  allowPositionals: true,
});

const lanes = ['short', 'long', 'browser'];
if (options.lane !== undefined && !lanes.includes(options.lane)) {
  console.error(`There is no lane ${options.lane}: there are ${lanes.join(', ')}.`);
  process.exit(2);
}

const files = findTestFiles(positionals);
if (files.length === 0) {
  console.error(`No test file (*.test.ts) in ${positionals.join(', ') || places.join(', ')}.`);
  process.exit(1);
}

if (options.full === true) process.env['FLOWHOOK_TEST_FULL'] = '1';
// What one process has compiled (types taken out) the next ones read: a third of the processor time of their start.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/node');
// Once, before several files do it at the same time.
if (files.some((path) => relative(root, path).startsWith('packages/web/'))) buildWeb();

await buildForTests();

const given = process.env['FLOWHOOK_TEST_POSTGRES_URL'] ?? process.env['DATABASE_URL_TEST'];
const aborting = new AbortController();
const costs = options.times === true ? countCosts() : undefined;
let cutShortBy: string | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cutShort(signal));

let postgres: PostgresServer | undefined;
const templates = [await makeSqliteTemplate()];
try {
  if (given === undefined && findPostgresBinaries() !== undefined)
    postgres = await startPostgres({ fsync: 'off' });
  const url = given ?? postgres?.url;
  if (url !== undefined) {
    process.env['FLOWHOOK_TEST_POSTGRES_URL'] = url;
    templates.push(await makePostgresTemplate(url));
  }
  process.exitCode = await runTests([sayPostgres(given, url), sayBrowser()]);
} finally {
  for (const remove of templates) await remove();
  await postgres?.stop();
}

function findTestFiles(named: readonly string[]): string[] {
  const from = process.env['INIT_CWD'] ?? process.cwd();
  const paths =
    named.length === 0 ? globSync(places, { cwd: root }).map((path) => resolve(root, path)) : named;
  return paths.flatMap((path) => listTests(resolve(from, path))).sort();
}

function listTests(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [path];
  const excluded = ['**/node_modules/**', '**/dist/**'];
  return globSync('**/*.test.ts', { cwd: path, exclude: excluded })
    .map((name) => resolve(path, name))
    .filter((file) => options.lane === undefined || laneOf(file) === options.lane);
}

function laneOf(file: string): string {
  if (relative(root, file).startsWith('packages/web/test/')) return 'browser';
  return file.endsWith('.long.test.ts') ? 'long' : 'short';
}

function sayPostgres(named: string | undefined, url: string | undefined): string {
  if (named !== undefined) return `PostgreSQL tests: run on the server named in the environment.`;
  if (url !== undefined) return 'PostgreSQL tests: run on a throw-away server.';
  return (
    'PostgreSQL tests: LEFT OUT. No server was found: install PostgreSQL (apt-get install postgresql) ' +
    'or set FLOWHOOK_TEST_POSTGRES_URL.'
  );
}

function sayBrowser(): string {
  const found = findChromium();
  if (found !== undefined) return `Browser tests: run in ${found}.`;
  return 'Browser tests: LEFT OUT. No Chromium was found: install it (apt-get install chromium).';
}

/** Resolves with the exit code. */
async function runTests([aboutPostgres, aboutBrowser]: readonly [string, string]): Promise<number> {
  console.log(`${aboutPostgres}\n${aboutBrowser}\n`);
  if (aboutPostgres.includes('LEFT OUT') && options['require-postgres']) return 1;
  if (aboutBrowser.includes('LEFT OUT') && options['require-browser']) return 1;
  // One more than there are cores: most tests wait for another process half of the time.
  const first = await runOnce(files, availableParallelism() + 1);
  const passed = first.passed || (options.again === true && (await passesAgain(first.failed)));
  if (cutShortBy !== undefined) console.log(`\nThe run was cut short: ${cutShortBy}.`);
  if (costs !== undefined) console.log(costs.describe((path) => relative(root, path)));
  console.log(`${aboutPostgres}\n${aboutBrowser}`);
  return passed && cutShortBy === undefined ? 0 : 1;
}

async function passesAgain(failed: readonly string[]): Promise<boolean> {
  if (failed.length === 0 || failed.length > maxAgain || cutShortBy !== undefined) return false;
  const names = failed.map((path) => relative(root, path)).join(', ');
  console.log(`\nOnce more, each alone: ${names}\n`);
  const { passed } = await runOnce(failed, 1);
  console.log(`\n${passed ? 'PASSED ONLY ALONE' : 'FAILED TWICE'}: ${names}`);
  return passed;
}

async function runOnce(
  paths: readonly string[],
  concurrency: number,
): Promise<{ readonly passed: boolean; readonly failed: string[] }> {
  const stream = run({
    files: [...paths],
    concurrency,
    execArgv: [
      '--conditions=flowhook-source',
      compiled,
      '--disable-warning=ExperimentalWarning',
      ...(costs?.execArgv ?? []),
    ],
    signal: aborting.signal,
    ...(options.name !== undefined && { testNamePatterns: options.name }),
  });
  const report = reportTests({ nameOf: (path) => relative(root, path), everyTest: positionals.length > 0 });
  let passed = false;
  const good = new Set<string>();
  stream.on('test:summary', ({ file, success, counts }) => {
    if (file === undefined) passed = success && counts.tests > 0;
    else if (success) good.add(file);
  });
  const stopWatching = abortWhenSilent(stream);
  for await (const text of report(stream)) process.stdout.write(text);
  stopWatching();
  return { passed, failed: paths.filter((path) => !good.has(path)) };
}

/** Ends the test processes and then the run; what has not ended in 10 s, or at a second signal, is left behind. */
function cutShort(why: string): void {
  if (cutShortBy !== undefined) process.exit(1);
  cutShortBy = why;
  // With a reason of one's own the runner waits for ever.
  aborting.abort();
  setTimeout(() => process.exit(1), 10_000).unref();
}

/** Ends the run where a file hangs, for example because it left a server open. */
function abortWhenSilent(stream: ReturnType<typeof run>): () => void {
  const open = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => cutShort(`no end in sight of ${[...open].join(', ')}`), silenceMs);
  };
  watch();
  stream.on('test:dequeue', ({ name }) => files.includes(name) && open.add(name));
  stream.on('test:complete', ({ name }) => open.delete(name) && watch());
  return () => clearTimeout(timer);
}
