// A real server whose process ends itself at the stage that a test names, and is started again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashFileVariable } from './crash-stage.ts';
import type { TestDatabase } from './database.ts';
import { makeProcessWorld, superviseServer, type ProcessWorld } from './process-world.ts';

export interface CrashWorld {
  readonly world: ProcessWorld;
  readonly database: TestDatabase;
  /** The stage is written into it; without it nothing ends. */
  readonly file: string;
  /** From now on the server is started again whenever it has ended; at the latest until the test is over. */
  supervise(): ReturnType<typeof superviseServer>;
}

export async function inCrashWorld(
  make: () => Promise<TestDatabase>,
  use: (crash: CrashWorld) => Promise<void>,
): Promise<void> {
  const database = await make();
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-crash-stage-'));
  const file = join(folder, 'stage');
  const hook = new URL('crash-hook.ts', import.meta.url).href;
  const env = { NODE_OPTIONS: `--import=${hook}`, [crashFileVariable]: file };
  const world = await makeProcessWorld(database.url, env);
  let supervisor: ReturnType<typeof superviseServer> | undefined;
  try {
    await use({ world, database, file, supervise: () => (supervisor = superviseServer(world)) });
  } finally {
    supervisor?.stop();
    await world.close();
    await rm(folder, { recursive: true });
    await database.remove();
  }
}
