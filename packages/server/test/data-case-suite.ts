// The cases of data in some files as a suite: each runs through the product on both databases.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { readCases, runCase } from './data-case.ts';
import { describeOnBoth } from './database.ts';
import { byFullness } from './full.ts';
import { startServer, type TestServer } from './server.ts';

/** `files` are lists of cases in `data-case/`. */
export async function describeCases(title: string, files: readonly string[]): Promise<void> {
  const cases = (await Promise.all(files.map(readCases))).flat();
  describeOnBoth(title, (_, dialect) => {
    let server: TestServer;
    let root: string;
    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'flowhook-data-case-'));
      server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: root });
    });
    after(async () => {
      await server.stop();
      await rm(root, { recursive: true });
    });

    // What is read does not depend on the database: in the gate every eighth case is run on the second one.
    const few = cases.filter((_one, at) => at % 8 === 0);
    const some = dialect === 'sqlite' ? cases : byFullness(cases, few);
    for (const one of some) it(one.id, () => runCase(server, root, one));
  });
}
