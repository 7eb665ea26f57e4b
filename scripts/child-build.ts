// Puts the engine's child and all that it imports from our sources into one file: Node then has no types to take out of a
// hundred files, and a child takes 0.11 s of a processor to start in place of 0.36 s. Tests start thousands of them.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/** The condition with which the server takes this child (packages/server/package.json, `imports`). */
export const compiledChild = '--conditions=flowhook-compiled-child';

const server = fileURLToPath(new URL('../packages/server', import.meta.url));
const folder = join(server, '.cache/engine-child');

/** Throws where it can't be built. */
export async function buildChild(): Promise<void> {
  const fresh = join(folder, `fresh-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    await build({
      input: join(server, 'src/engine/duckdb/task/child.ts'),
      platform: 'node',
      external: /^@duckdb\//u,
      resolve: { conditionNames: ['flowhook-source', 'node', 'import'] },
      output: { file: join(fresh, 'child.js'), format: 'esm' },
      logLevel: 'warn',
    });
    // A child that starts at this moment reads the one or the other, never half of one.
    renameSync(join(fresh, 'child.js'), join(folder, 'child.js'));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
