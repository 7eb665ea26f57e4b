// A real server with a flow to make things in: their places, and the files that datasets read.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { fillPath } from '../client.ts';
import { startServer, type TestPerson, type TestServer } from '../server.ts';
import type { Names } from './picture.ts';
import { things, type Fields, type Thing, type ThingName } from './thing.ts';

export type Shown = Readonly<Record<string, unknown>> & { readonly id: number };

/** A flow with a dataset and recipes, by their names. */
export interface Place {
  readonly flowId: number;
  readonly ids: Readonly<Record<string, number>>;
  readonly names: Names;
}

export interface FieldWorld {
  readonly server: TestServer;
  readonly author: TestPerson;
  /** The recipe that tasks run in another flow. */
  readonly elsewhere: number;
  /** A place of its own where no two such things stand in one; else one for all. */
  placeFor(thing: ThingName): Promise<Place>;
  makePlace(name?: string): Promise<Place>;
  /** The fields with ids for the words in them; makes what the thing has to stand in. */
  fill(place: Place, thing: ThingName, fields: Fields): Promise<Fields>;
  create(place: Place, thing: ThingName, filled: Fields): Promise<Shown>;
  change(place: Place, thing: ThingName, id: number, fields: Fields): Promise<Shown>;
  stop(): Promise<void>;
}

/** Latin-1, in a form of their own: nothing of how they are read can be found. */
const numbers = gzipSync(Buffer.from('no data\na;b;c\n1;1,5;01.02.2026\n2;2,5;02.02.2026\n', 'latin1'));

export function writeNumbers(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-field-net-'));
  writeFileSync(join(folder, 'bare.csv'), 'a,b\n1,2\n');
  writeFileSync(join(folder, 'numbers.csv.gz'), numbers);
  writeFileSync(join(folder, 'numbers-north-1.csv.gz'), numbers);
  return folder;
}

export async function makeFieldWorld(engine: 'sqlite' | 'postgres', folder: string): Promise<FieldWorld> {
  const server = await startServer(engine, { FLOWHOOK_DATA_ROOTS: folder });
  const { author, administrator } = server;
  // Every form of a task is tried, all of them in one flow.
  await administrator.call(workspaceEndpoints.changeSettings, {
    body: { 'webapp.webhookSettings.tasksPerFlow': 500 },
  });
  const uris: Readonly<Record<string, string>> = {
    bare: addressOf(folder, 'bare.csv'),
    numbers: addressOf(folder, 'numbers.csv.gz'),
    pattern: addressOf(folder, 'numbers-{place}-*.csv.gz'),
  };
  let made = 0;
  const makeRecipe = async (flowId: number, name: string, dataset: number) => {
    const body = { name, flow: { id: flowId }, importedDataset: { id: dataset } };
    return (await author.call(recipes.create, { body })).id;
  };
  const { id: elsewhereFlow } = await author.call(flows.create, { body: { name: 'Elsewhere' } });
  const bare = await author.call(datasets.create, { body: { uri: uris['bare']!, name: 'bare_numbers' } });
  const elsewhere = await makeRecipe(elsewhereFlow, 'elsewhere', bare.id);
  const shared = new Set<ThingName>(['dataset', 'output', 'write setting', 'task']);
  let common: Promise<Place> | undefined;
  const world: FieldWorld = {
    server,
    author,
    elsewhere,
    placeFor(thing) {
      if (!shared.has(thing)) return world.makePlace();
      common ??= world.makePlace();
      return common;
    },
    async makePlace(name = 'A flow') {
      const { id: flowId } = await author.call(flows.create, { body: { name } });
      const first = await makeRecipe(flowId, 'first', bare.id);
      const second = await makeRecipe(flowId, 'second', bare.id);
      const start = await makeRecipe(flowId, 'start', bare.id);
      const ids = { here: flowId, first, second, start, elsewhere, bare_numbers: bare.id };
      const byId = (...of: (keyof typeof ids)[]) =>
        new Map<number, string>(of.map((each) => [ids[each], each]));
      const names = {
        flow: byId('here'),
        recipe: byId('first', 'second', 'start', 'elsewhere'),
        dataset: byId('bare_numbers'),
        output: new Map<number, string>(),
      };
      return { flowId, ids, names };
    },
    async fill(place, thing, fields) {
      const ids = { ...place.ids };
      if (thing === 'output' || thing === 'write setting') {
        made += 1;
        ids['here'] = await makeRecipe(place.flowId, `recipe of output ${made}`, bare.id);
        nameId(place, 'recipe', ids['here'], 'here');
      }
      if (thing === 'write setting') {
        const output = await author.call(outputs.create, { body: { flowNodeId: ids['here']! } });
        ids['here'] = output.id;
        nameId(place, 'output', output.id, 'here');
      }
      return fillWords(fields, { ...ids, ...(thing === 'dataset' && uris) }) as Fields;
    },
    async create(place, thing, fields) {
      const { create }: Thing = things[thing];
      const path = fillPath(create, { params: { id: place.flowId } });
      const shown = await send(author, create.method, path, fields);
      if (thing === 'recipe' || thing === 'output') nameId(place, thing, shown.id, 'this one');
      return shown;
    },
    async change(place, thing, id, fields) {
      const { change }: Thing = things[thing];
      const params = thing === 'parameter' ? { id: place.flowId, parameterId: id } : { id };
      return send(author, change.method, fillPath(change, { params }), fields);
    },
    async stop() {
      await server.stop();
    },
  };
  return world;
}

function nameId({ names }: Place, kind: 'recipe' | 'output', id: number, name: string): void {
  (names[kind] as Map<number, string>).set(id, name);
}

function addressOf(folder: string, name: string): string {
  return pathToFileURL(join(folder, name)).href;
}

export function removeNumbers(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

async function send(author: TestPerson, method: string, path: string, body: Fields): Promise<Shown> {
  const { status, text, json } = await author.send(method, path, { body });
  assert.ok(
    status < 300,
    `The server refuses ${method} ${path} with ${JSON.stringify(body)}: ${text}\n` +
      'Where a value alone is at fault, give the field a special one in thing.ts; where fields do not go together, see cross-field.ts.',
  );
  return json as Shown;
}

/** Only at the places that hold ids or addresses: a text that happens to be one of the words stays. */
const wordPlaces = new Set(['id', 'flowId', 'flowNodeIds', 'uri']);

function fillWords(value: unknown, ids: Readonly<Record<string, unknown>>, name = ''): unknown {
  if (typeof value === 'string') return wordPlaces.has(name) ? (ids[value] ?? value) : value;
  if (Array.isArray(value)) return value.map((each) => fillWords(each, ids, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, each]) => [member, fillWords(each, ids, member)]),
  );
}
