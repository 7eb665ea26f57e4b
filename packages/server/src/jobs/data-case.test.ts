// Data on its way through the product, case by case: right, or refused with what is wrong, never silently something else.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { readCases, runCase } from '../../test/data-case.ts';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, type TestServer } from '../../test/server.ts';

const cases = [...(await readCases('promise.json')), ...(await readCases('output.json'))];

describeOnBoth('Data', (_, dialect) => {
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

  for (const one of cases) it(one.id, () => runCase(server, root, one));
});
