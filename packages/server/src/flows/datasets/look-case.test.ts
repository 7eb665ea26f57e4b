// Files of every kind on their way through the product, case by case: found right, or refused with what is wrong.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { readCases, runCase } from '../../../test/data-case.ts';
import { describeOnBoth } from '../../../test/database.ts';
import { byFullness } from '../../../test/full.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

const cases = (await Promise.all(['look.json', 'json.json', 'message.json'].map(readCases))).flat();

describeOnBoth('What a file holds', (_, dialect) => {
  let server: TestServer;
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'flowhook-look-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: root });
  });
  after(async () => {
    await server.stop();
    await rm(root, { recursive: true });
  });

  // What is read does not depend on the database: in the gate every eighth case is run on the second one.
  const some =
    dialect === 'sqlite'
      ? cases
      : byFullness(
          cases,
          cases.filter((_one, at) => at % 8 === 0),
        );
  for (const one of some) it(one.id, () => runCase(server, root, one));
});
