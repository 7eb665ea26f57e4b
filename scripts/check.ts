// The gate: format, lint, types, generated files, tests; each step named with its time.
//
//   npm run check -- [--both-databases] [--all] [--skip-tests]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    'both-databases': { type: 'boolean' },
    all: { type: 'boolean' },
    'skip-tests': { type: 'boolean' },
  },
});

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const node = [
  process.execPath,
  '--conditions=flowhook-source',
  '--disable-warning=ExperimentalWarning',
] as const;
const tests: Step = {
  name: 'tests',
  command: [...node, 'scripts/test.ts', ...(options['both-databases'] ? ['--require-postgres'] : [])],
};
const steps: Step[] = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  ...(options['skip-tests'] ? [] : [tests]),
];

let failed = 0;
for (const step of steps) {
  if (failed > 0 && !options.all) break;
  failed += runStep(step) ? 0 : 1;
}
console.log(failed === 0 ? 'check: passed' : `check: FAILED (${failed} step${failed === 1 ? '' : 's'})`);
process.exitCode = failed === 0 ? 0 : 1;

function runStep({ name, command: [program, ...args] }: Step): boolean {
  const began = performance.now();
  console.log(`== ${name}`);
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${program} could not be started: ${error.message}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  return status === 0;
}
