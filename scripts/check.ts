// The gate: format, lint, types, dead code, generated files, the tests of the short lane; each step named with its time.
// The long lane and the browser's (`npm test -- --lane long`) are run by .ci/run, and by hand after a change of what they try.
//
//   npm run check -- [--both-databases] [--again] [--all] [--only STEP]
//
// It stops at the first step that fails; `--all` goes on. `--both-databases`: tests fail without PostgreSQL.
// `--again`: test files that failed are run once more, alone, and named.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What to do when it fails. */
  readonly wayOut: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    'both-databases': { type: 'boolean' },
    again: { type: 'boolean' },
    all: { type: 'boolean' },
    only: { type: 'string' },
  },
});

/** Files that are made from others; each script tells with --check whether what is committed is fresh. */
const generators = ['scripts/openapi.ts', 'scripts/settings-doc.ts', 'scripts/sql-words.ts'];

const allSteps: readonly Step[] = [
  { name: 'format', command: 'oxfmt', args: ['--check'], wayOut: 'npm run format' },
  {
    name: 'lint',
    command: 'oxlint',
    args: ['--type-aware', '--deny-warnings'],
    wayOut: 'see the rule it names',
  },
  { name: 'types', command: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'], wayOut: 'see above' },
  {
    name: 'types: web',
    command: 'tsc',
    args: ['--noEmit', '-p', 'packages/web/tsconfig.json'],
    wayOut: 'see above',
  },
  {
    name: 'types: client',
    command: 'tsc',
    args: ['-p', 'packages/client/tsconfig.portable.json'],
    wayOut: 'use what browsers and Node 20 have',
  },
  {
    name: 'dead code',
    command: 'knip',
    args: ['--no-progress', '--no-config-hints'],
    wayOut: 'remove what nothing uses, or the word export',
  },
  ...generators.map((script) => ({
    ...node(script, '--check'),
    name: `fresh: ${script}`,
    wayOut: `node --conditions=flowhook-source ${script}`,
  })),
  {
    ...node(
      'scripts/test.ts',
      '--lane=short',
      ...(options['both-databases'] ? ['--require-postgres'] : []),
      ...(options.again ? ['--again'] : []),
    ),
    name: 'tests',
    wayOut: 'npm test -- FILE',
  },
];
/** `types` names `types: web` too. */
const isNamed = (name: string, only: string) => name === only || name.startsWith(`${only}: `);
const steps = allSteps.filter(({ name }) => options.only === undefined || isNamed(name, options.only));
if (steps.length === 0) {
  console.error(
    `No step is called ${options.only}. There are: ${allSteps.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const results: string[] = [];
let failed = false;
for (const step of steps) {
  if (failed && !options.all) results.push(`      -        ${step.name}: not reached`);
  else failed = !(await runStep(step)) || failed;
}
console.log(`\n${results.join('\n')}\ncheck: ${failed ? 'FAILED' : 'passed'}`);
process.exitCode = failed ? 1 : 0;

async function runStep({ name, command, args, wayOut }: Step): Promise<boolean> {
  console.log(`\n== ${name}`);
  const began = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  const problem = once(child, 'error').then(([error]: unknown[]) => String(error));
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) =>
    code === 0 ? 'passed' : `FAILED (${String(code ?? signal)})`,
  );
  const result = await Promise.race([ended, problem]);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop);
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  results.push(`${seconds} s  ${name}: ${result}${result === 'passed' ? '' : `; ${wayOut}`}`);
  console.log(results.at(-1));
  return result === 'passed';
}

function node(script: string, ...args: readonly string[]): Pick<Step, 'command' | 'args'> {
  return { command: process.execPath, args: [...process.execArgv, script, ...args] };
}
