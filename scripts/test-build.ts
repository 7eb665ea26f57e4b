// What tests start as processes of their own, the engine's child and the program, built into few files: Node then has no
// types to take out of hundreds of modules. By processor time a child starts in 0.11 s in place of 0.36 s, a server in 1.1 s
// in place of 1.7 s. Tests start thousands of them.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type InputOptions } from 'rolldown';

/** The condition with which the tests take what was built (packages/server/package.json, `imports`). */
export const compiled = '--conditions=flowhook-compiled';

const server = fileURLToPath(new URL('../packages/server', import.meta.url));
const usual = {
  platform: 'node',
  resolve: { conditionNames: ['flowhook-source', 'node', 'import'] },
  logLevel: 'warn',
} as const satisfies InputOptions;

/** Files are found from where the source stands. */
const placeOfSource = {
  name: 'place of the source',
  transform: {
    filter: { id: /\.ts$/u, code: /import\.meta\.url/u },
    handler: (code: string, id: string) =>
      code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  },
};

/** Throws where it can't be built. */
export async function buildForTests(): Promise<void> {
  await fillFolder('engine-child', 'child.js', (folder) =>
    build({
      ...usual,
      input: join(server, 'src/engine/duckdb/task/child.ts'),
      external: /^@duckdb\//u,
      output: { file: join(folder, 'child.js'), format: 'esm' },
    }),
  );
  await fillFolder('program', 'main.js', (folder) =>
    build({
      ...usual,
      input: join(server, 'src/main.ts'),
      // Those with native parts, and pg, whose classes extend what is loaded late.
      external: [/^@duckdb\//u, 'better-sqlite3', 'pg'],
      plugins: [placeOfSource],
      output: { dir: folder, format: 'esm' },
    }),
  );
}

/** So long what an earlier build left is kept: processes of another run of the tests may still load it. */
const keptMs = 3_600_000;

/** The entry comes last: whoever starts at this moment finds all that the one or the other names. */
async function fillFolder(
  name: string,
  entry: string,
  fill: (folder: string) => Promise<unknown>,
): Promise<void> {
  const place = join(server, '.cache', name);
  const fresh = join(place, `fresh-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    await fill(fresh);
    const files = readdirSync(fresh).filter((file) => file !== entry);
    for (const file of [...files, entry]) renameSync(join(fresh, file), join(place, file));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  for (const file of readdirSync(place)) {
    const age = Date.now() - (statSync(join(place, file), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > keptMs) rmSync(join(place, file), { recursive: true, force: true });
  }
}
