// What the test files cost: processor seconds of each with its children, which other work on the machine does not change.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Cost {
  readonly file: string;
  /** User and system, of the test's process and of its descendants. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export interface CostCount {
  /** What to start a test's process with. */
  readonly execArgv: readonly string[];
  /** The dearest files first, as a table; called once, at the end. */
  describe(nameOf: (path: string) => string): string;
}

/** So many files are named; the others are in the sum. */
const named = 20;

export function countCosts(): CostCount {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-costs-'));
  process.env['FLOWHOOK_TEST_COSTS'] = folder;
  return {
    execArgv: [`--import=${new URL('./test-cost-note.ts', import.meta.url).href}`],
    describe(nameOf) {
      const costs = readdirSync(folder).map(
        (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Cost,
      );
      rmSync(folder, { recursive: true, force: true });
      return describeCosts(costs, nameOf);
    },
  };
}

function describeCosts(costs: readonly Cost[], nameOf: (path: string) => string): string {
  const dearest = costs.toSorted((a, b) => b.cpuSeconds - a.cpuSeconds).slice(0, named);
  const lines = dearest.map((cost) => `${row(cost)}  ${nameOf(cost.file)}`);
  const sum = { cpuSeconds: total(costs, 'cpuSeconds'), wallSeconds: total(costs, 'wallSeconds') };
  return [
    '   cpu s   wall s',
    ...lines,
    `${row(sum)}  all ${costs.length} files, one after the other`,
    '',
  ].join('\n');
}

function total(costs: readonly Cost[], key: 'cpuSeconds' | 'wallSeconds'): number {
  return costs.reduce((sum, cost) => sum + cost[key], 0);
}

function row(cost: Pick<Cost, 'cpuSeconds' | 'wallSeconds'>): string {
  return [cost.cpuSeconds, cost.wallSeconds].map((seconds) => seconds.toFixed(1).padStart(8)).join(' ');
}
