// Files that are not the caller's: links, patterns, and the places where others publish.
import { rename, symlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attack } from './attack.ts';
import { answersMeanwhile } from './meanwhile.ts';
import { dropFile, type Person, type World } from './world.ts';

async function useInFlow(
  person: Person,
  datasetId: number,
  name: string,
): Promise<{ flowId: number; recipeId: number }> {
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

/** Sends an output of another flow to the place of the first one's. */
async function takePlace(world: World, path: string, action: string): Promise<string | null> {
  const { author, other, flow } = world;
  const owned = await runToEnd(author, flow.recipeId, {});
  if (owned !== 'Complete') throw new Error(`the owner's job ended as ${owned}`);
  const { recipeId } = await useInFlow(
    other,
    await other.upload('mine', 'a\n1\n'),
    `takes ${path} ${action}`,
  );
  const made = await other.send('POST', '/v4/outputObjects', {
    body: { flowNodeId: recipeId, profiler: false, writeSettings: [{ path, action, format: 'csv' }] },
  });
  if (made.status >= 400) return null;
  const status = await runToEnd(other, recipeId, {});
  return status === 'Complete' ? 'the other flow’s job was Complete at that place.' : null;
}

/** The final status, or `refused` with the answer's status where nothing was launched. */
export async function runToEnd(person: Person, recipeId: number, overrides: object): Promise<string> {
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
      const { late } = await answersMeanwhile(world, () =>
        world.author.send('POST', '/v4/importedDatasets', {
          body: { uri, pathPattern: true, name: 'stars' },
        }),
      );
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
    name: "overwriting another flow's result",
    who: 'author',
    knownLimit:
      'A place below the outputs folder belongs to nobody: an author may write where another flow writes.',
    run: (world) => takePlace(world, 'attacked/totals.csv', 'overwrite'),
  },
  {
    name: "appending to another flow's result",
    who: 'author',
    knownLimit:
      'A place below the outputs folder belongs to nobody: an author may write where another flow writes.',
    run: (world) => takePlace(world, 'attacked/totals.csv', 'append'),
  },
  {
    name: 'a path of one’s own choice in the launch of a flow that one may only run',
    who: 'viewer',
    async run({ viewer, flow }) {
      const writesettings = [{ path: 'elsewhere/taken.csv', action: 'create', format: 'csv' }];
      const status = await runToEnd(viewer, flow.recipeId, { writesettings });
      return status.startsWith('refused') ? null : `the job ended as ${status}.`;
    },
  },
];
