// Files that are not the caller's: links, patterns, and the places where others publish.
import { readFile, rename, symlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeParquet } from '../../packages/server/test/parquet-file.ts';
import type { Attack } from './attack.ts';
import { answersMeanwhile } from './meanwhile.ts';
import { dropFile, type Person, type World } from './world.ts';

interface Made {
  readonly flowId: number;
  readonly recipeId: number;
}

async function useInFlow(person: Person, datasetId: number, name: string): Promise<Made> {
  const { id: flowId } = await person.make<{ id: number }>('/v4/flows', { name });
  const recipe = await person.make<{ id: number }>('/v4/wrangledDatasets', {
    name: `${name} read`,
    flow: { id: flowId },
    importedDataset: { id: datasetId },
  });
  return { flowId, recipeId: recipe.id };
}

/** Swaps the file for a link to the server's key and back, as fast as it can, until it is told to stop. */
function swapInALoop(path: string, secretFile: string): () => Promise<void> {
  const state = { stopped: false };
  const swapping = (async () => {
    for (let round = 0; !state.stopped; round += 1) {
      await symlink(secretFile, `${path}.link`);
      await rename(path, `${path}.kept`);
      await rename(`${path}.link`, path);
      await rename(`${path}.kept`, path);
    }
  })();
  return async () => {
    state.stopped = true;
    await swapping.catch(() => undefined);
    await rm(`${path}.link`, { force: true });
  };
}

const star = (count: number) => '*a'.repeat(count);

interface Aim {
  readonly path: string;
  readonly action: string;
}

const owned = 'attacked/totals.csv';

/** The same place in other words, within it, and above it. */
const aims: readonly Aim[] = [owned, 'Attacked/TOTALS.csv', `${owned}/x.csv`, 'attacked'].flatMap((path) =>
  ['overwrite', 'append', 'create'].map((action) => ({ path, action })),
);

/** Has the owner's job write, lets the other flow aim at its place, and looks whether the result is the owner's still. */
async function takePlaces(
  world: World,
  all: readonly Aim[],
  aim: (made: Made, one: Aim) => Promise<string>,
): Promise<string | null> {
  const { author, other, flow } = world;
  const ended = await runToEnd(author, flow.recipeId, {});
  if (ended !== 'Complete') throw new Error(`the owner's job ended as ${ended}`);
  const stands = () => readFile(join(world.server.dataDir, 'outputs', owned), 'utf8');
  const before = await stands();
  const dataset = await other.upload('mine', 'a\n1\n');
  for (const one of all) {
    const answer = await aim(await useInFlow(other, dataset, `takes ${one.path} ${one.action}`), one);
    if (!answer.startsWith('refused')) return `${one.action} of ${one.path} ended as ${answer}.`;
    if (answer.includes('flow Attacked')) return `the refusal names the flow: ${answer}`;
  }
  return (await stands()) === before ? null : 'the owner’s result is another one now.';
}

async function saveAndRun(person: Person, { recipeId }: Made, one: Aim): Promise<string> {
  const made = await person.send('POST', '/v4/outputObjects', {
    body: { flowNodeId: recipeId, profiler: false, writeSettings: [{ ...one, format: 'csv' }] },
  });
  return made.status >= 400 ? `refused (${made.text})` : runToEnd(person, recipeId, {});
}

/** The final status, or `refused` with the answer's status where nothing was launched. */
async function runToEnd(person: Person, recipeId: number, overrides: object): Promise<string> {
  const launched = await person.send('POST', '/v4/jobGroups', {
    body: { wrangledDataset: { id: recipeId }, overrides },
  });
  if (launched.status >= 400) return `refused (${launched.status})`;
  const { id } = JSON.parse(launched.text) as { id: number };
  for (;;) {
    const { text } = await person.send('GET', `/v4/jobGroups/${id}/status`);
    const status = JSON.parse(text) as string;
    if (['Complete', 'Failed', 'Canceled'].includes(status)) return status;
  }
}

function uploadParquet(person: Person, file: Uint8Array) {
  const form = new FormData();
  form.set('name', 'pages');
  form.set('file', new Blob([new Uint8Array(file)]), 'pages.parquet');
  return person.send('POST', '/v4/importedDatasets/upload', { body: form });
}

export const fileAttacks: readonly Attack[] = [
  {
    name: "a file that becomes a link to the server's key while it is read",
    who: 'author',
    async run(world) {
      const uri = await dropFile(world, 'drop.csv', 'a,b\n1,2\n');
      const { id } = await world.author.make<{ id: number }>('/v4/importedDatasets', { uri, name: 'drop' });
      const stop = swapInALoop(
        join(world.dropFolder, 'drop.csv'),
        join(world.server.dataDir, 'encryption.key'),
      );
      try {
        for (let n = 0; n < 40; n += 1) {
          const { text } = await world.author.send('GET', `/v4/importedDatasets/${id}/preview`);
          if (text.includes(world.encryptionKey)) return `preview ${n} shows the key.`;
        }
      } finally {
        await stop();
      }
      return null;
    },
  },
  {
    name: 'a path pattern of many stars over a long name',
    who: 'author',
    async run(world) {
      await dropFile(world, `${'a'.repeat(60)}.csv`, 'a\n1\n');
      const uri = `file://${world.dropFolder}/${star(12)}x`;
      const { result, late } = await answersMeanwhile(world, () =>
        world.author.send('POST', '/v4/importedDatasets', {
          body: { uri, pathPattern: { files: 'all' }, name: 'stars' },
        }),
      );
      if (!/no file|matches/iu.test(result.text)) throw new Error(`not matched: ${result.text}`);
      return late;
    },
  },
  {
    name: 'a file outside the allowed folders, in several spellings',
    who: 'author',
    async run({ author, server, dropFolder }) {
      const key = join(server.dataDir, 'encryption.key');
      const spellings = [
        `file://${key}`,
        `file://${dropFolder}/../../..${key}`,
        `file://${dropFolder}/%2e%2e/%2e%2e/%2e%2e${key}`,
        `file://localhost${key}`,
        'file:///etc/passwd',
      ];
      for (const uri of spellings) {
        const { status } = await author.send('POST', '/v4/importedDatasets', { body: { uri, name: 'key' } });
        if (status < 400) return `${uri} was taken.`;
      }
      return null;
    },
  },
  {
    name: 'Parquet files whose pages hold more than they say',
    who: 'author',
    async run({ author, server }) {
      const { status } = await uploadParquet(author, makeParquet());
      if (status !== 201) throw new Error(`a well-formed file was answered with ${status}`);
      for (const size of [64, 4096, 100_000]) {
        const crafted = makeParquet({ compressed: size, body: new Uint8Array(size) });
        const answer = await uploadParquet(author, crafted);
        if (answer.status < 400) return `${size} bytes that were said to be 16 were taken.`;
        if (answer.status >= 500) return `${size} bytes were answered with ${answer.status}: ${answer.text}`;
        if (answer.text.includes(server.dataDir)) return `the refusal names the data folder: ${answer.text}`;
      }
      return null;
    },
  },
  {
    name: "overwriting another flow's result",
    who: 'author',
    run: (world) =>
      takePlaces(world, [{ path: owned, action: 'overwrite' }], (made, one) =>
        saveAndRun(world.other, made, one),
      ),
  },
  {
    name: "appending to another flow's result",
    who: 'author',
    run: (world) =>
      takePlaces(world, [{ path: owned, action: 'append' }], (made, one) =>
        saveAndRun(world.other, made, one),
      ),
  },
  {
    name: "a place within another flow's, above it, or in another spelling",
    who: 'author',
    run: (world) => takePlaces(world, aims, (made, one) => saveAndRun(world.other, made, one)),
  },
  {
    name: "another flow's place by the overrides of a launch, and of a flow run",
    who: 'author',
    run: (world) =>
      takePlaces(world, aims, async ({ flowId, recipeId }, one) => {
        const writesettings = [{ ...one, format: 'csv' }];
        await world.other.make('/v4/outputObjects', { flowNodeId: recipeId, profiler: false });
        const alone = await runToEnd(world.other, recipeId, { writesettings });
        if (!alone.startsWith('refused')) return alone;
        const recipe = await world.other.send('GET', `/v4/wrangledDatasets/${recipeId}`);
        const { name } = JSON.parse(recipe.text) as { name: string };
        const { status, text } = await world.other.send('POST', `/v4/flows/${flowId}/run`, {
          body: { overrides: { [name]: { writesettings } } },
        });
        return status === 409 ? `refused (${text})` : `the answer ${status} to a flow run`;
      }),
  },
  {
    name: "another flow's place by a parameter in the path",
    who: 'author',
    run: (world) =>
      takePlaces(world, [{ path: '{folder}/totals.csv', action: 'overwrite' }], async (made, one) => {
        await world.other.make(`/v4/flows/${made.flowId}/runParameters`, {
          name: 'folder',
          type: 'text',
          defaultValue: 'attacked',
        });
        return saveAndRun(world.other, made, one);
      }),
  },
  {
    name: 'a path of one’s own choice in the launch of a flow that one may only run',
    who: 'author',
    async run({ author, other, flow }) {
      const permissions = `/v4/flows/${flow.id}/permissions`;
      await author.make(permissions, { data: [{ personId: other.id, role: 'readOnly' }] });
      try {
        const usual = await runToEnd(other, flow.recipeId, {});
        if (usual !== 'Complete') throw new Error(`the usual job ended as ${usual}`);
        const writesettings = [{ path: 'elsewhere/taken.csv', action: 'create', format: 'csv' }];
        const status = await runToEnd(other, flow.recipeId, { writesettings });
        return status === 'refused (403)' ? null : `the job ended as ${status}.`;
      } finally {
        await author.send('DELETE', `${permissions}/${other.id}`);
      }
    },
  },
];
