// The version of a thing: another one after each change of it, field by field, and after nothing else.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { endpoints } from '@flowhook/contract/endpoints';
import { fillPath } from '../client.ts';
import { describeOnBoth } from '../database.ts';
import { listDifferent, type Flat } from './flat.ts';
import { drawThing } from './picture.ts';
import { listMembers } from './schema-value.ts';
import { leastOf, listForms, things, type Fields, type ThingName } from './thing.ts';
import { makeFieldWorld, removeNumbers, writeNumbers, type FieldWorld, type Place } from './world.ts';

const names = Object.keys(things) as ThingName[];

/** Members of a change that no form gives by themselves. */
const untried: Partial<Record<ThingName, readonly string[]>> = {
  recipe: ['flowId', 'note'],
  output: ['writesettings'],
  'write setting': ['outputObjectId'],
  task: ['flowId', 'secretKeyOverlapSeconds'],
};
/** What is not shown counts, too. */
const writeOnly = new Set(['secretKey', 'secrets', 'headers', 'url']);

describeOnBoth('the version of a thing', (_, engine) => {
  let folder: string;
  let world: FieldWorld;
  before(async () => {
    folder = writeNumbers();
    world = await makeFieldWorld(engine, folder);
  });
  after(async () => {
    await world.stop();
    removeNumbers(folder);
  });

  for (const name of names)
    it(`of a ${name} is another one when a field is, and only then`, async () => {
      const tried = new Set<string>();
      for (const form of listForms(name)) {
        const place = await world.placeFor(name);
        const least = leastOf(name, form);
        const { id } = await world.create(place, name, await world.fill(place, name, least));
        for (const [member, value] of Object.entries(form))
          if (await tryMember({ place, name, id }, least, { [member]: value })) tried.add(member);
      }
      const wanted = listMembers(things[name].change.body).filter(
        (member) => !untried[name]?.includes(member),
      );
      assert.deepEqual(
        wanted.filter((member) => !tried.has(member)),
        [],
        'no value of these was taken',
      );
    });

  interface Stored {
    readonly place: Place;
    readonly name: ThingName;
    readonly id: number;
  }

  /** False where the server takes no such change, or the field does not go without others. */
  async function tryMember(stored: Stored, least: Fields, field: Fields): Promise<boolean> {
    const { place, name } = stored;
    const { change } = things[name];
    const whole = change.method === 'PUT' ? { ...least, ...field } : field;
    const body = await world.fill(place, name, whole);
    const before = await read(stored);
    const first = await send(stored, change, body);
    const after = await read(stored);
    if (first.status >= 300) {
      assert.deepEqual(after, before, 'a refused change changes nothing');
      return false;
    }
    const [member] = Object.keys(field);
    const differs = listDifferent(before.thing, after.thing).length > 0;
    const hidden = writeOnly.has(member!);
    if (differs || !hidden) assert.equal(after.version !== before.version, differs, `${member} of a ${name}`);
    assert.equal(first.headers['etag'], after.version);
    await send(stored, change, body);
    assert.equal((await read(stored)).version, after.version, `${member} again`);
    return true;
  }

  async function read(stored: Stored): Promise<{ thing: Flat; version: unknown }> {
    const { versionOf } = things[stored.name].change;
    const get = endpoints.find((each) => each.method === 'GET' && each.versionOf === versionOf)!;
    const { status, headers, json, text } = await send(stored, get);
    assert.equal(status, 200, text);
    return { thing: drawThing(json as Fields, stored.place.names), version: headers['etag'] };
  }

  function send({ place, name, id }: Stored, endpoint: AnyEndpoint, body?: Fields) {
    const params = name === 'parameter' ? { id: place.flowId, parameterId: id } : { id };
    const sending = body === undefined ? {} : { body };
    return world.author.send(endpoint.method, fillPath(endpoint, { params }), sending);
  }
});
