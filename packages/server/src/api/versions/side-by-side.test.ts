// Two callers who change different members of one thing at the same time, without If-Match: both changes stay.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints } from '@flowhook/contract/flow/write-setting';
import { fillPath } from '../../../test/client.ts';
import { describeOnBoth } from '../../../test/database.ts';
import { makeRoleWorld, type RoleWorld } from '../../../test/role-world.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

interface Side {
  readonly get: AnyEndpoint;
  readonly change: AnyEndpoint;
  params(world: RoleWorld): object;
  /** Changes of different members; each is `round` written somewhere. */
  bodies(round: number): readonly object[];
}

const rounds = 4;
const things: Readonly<Record<string, Side>> = {
  flow: {
    ...flowEndpoints,
    params: ({ flowId }) => ({ id: flowId }),
    bodies: (round) => [{ name: `name ${round}` }, { description: `text ${round}` }],
  },
  recipe: {
    ...wrangledDatasetEndpoints,
    params: ({ recipeId }) => ({ id: recipeId }),
    bodies: (round) => [
      { name: `recipe ${round}` },
      { description: `text ${round}` },
      { sql: `select 'sql ${round}' as one` },
    ],
  },
  dataset: {
    ...importedDatasetEndpoints,
    params: ({ datasetId }) => ({ id: datasetId }),
    bodies: (round) => [
      { name: `dataset ${round}` },
      { options: { nullText: `null ${round}` } },
      { options: { maxRejectedRows: 10 + round } },
    ],
  },
  output: {
    ...outputObjectEndpoints,
    params: ({ outputId }) => ({ id: outputId }),
    bodies: (round) => [
      { profiler: round % 2 === 0 },
      { execution: round % 2 === 0 ? 'photon' : 'dataflow' },
    ],
  },
  'write setting': {
    ...writeSettingEndpoints,
    params: ({ settingId }) => ({ id: settingId }),
    bodies: (round) => [
      { path: `beside/${round}.csv` },
      { delim: ';,|:'[round]! },
      { nullText: `none ${round}` },
    ],
  },
  parameter: {
    ...flowParameterEndpoints,
    params: ({ flowId, parameterId }) => ({ id: flowId, parameterId }),
    bodies: (round) => [
      { defaultValue: `value ${round}` },
      { description: `text ${round}` },
      { name: `region_${round}` },
    ],
  },
  task: {
    ...webhookTaskEndpoints,
    params: ({ taskId }) => ({ id: taskId }),
    bodies: (round) => [
      { name: `task ${round}` },
      { body: `body ${round}` },
      { headers: { 'X-Round': `${round}` } },
    ],
  },
};

describeOnBoth('changes side by side', (_, dialect) => {
  let server: TestServer;
  let world: RoleWorld;
  let rootDir: string;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-beside-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    world = await makeRoleWorld(server, rootDir, null);
    // The recipe is to read nothing whose name changes meanwhile.
    const params = { id: world.recipeId };
    await server.author.call(wrangledDatasetEndpoints.change, { params, body: { sql: 'select 0 as one' } });
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  for (const [name, { get, change, params, bodies }] of Object.entries(things))
    it(`of a ${name} all stay`, async () => {
      const place = { params: params(world) };
      for (let round = 0; round < rounds; round += 1) {
        const given = bodies(round);
        const answers = await Promise.all(
          given.map((body) => server.author.send(change.method, fillPath(change, place), { body })),
        );
        for (const { status, text } of answers) assert.equal(status, 200, text);
        const { json } = await server.author.send('GET', fillPath(get, place));
        const { given: said, ...shown } = json as { given?: object };
        const now = { ...shown, ...(name === 'dataset' && said) };
        for (const body of given) assert.partialDeepStrictEqual(now, body, `round ${round}`);
      }
    });
});
