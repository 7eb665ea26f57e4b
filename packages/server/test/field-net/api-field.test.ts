// Every field of every thing comes back from the API as it was given: made with it, or changed to it later.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth } from '../database.ts';
import { openLedger } from './compare.ts';
import { listDifferent, type Flat } from './flat.ts';
import { drawThing } from './picture.ts';
import { isChoice, listFields, listMembers, listValues } from './schema-value.ts';
import { leastOf, listForms, things, type Fields, type Thing, type ThingName } from './thing.ts';
import { makeFieldWorld, removeNumbers, writeNumbers, type FieldWorld } from './world.ts';

const names = Object.keys(things) as ThingName[];

describeOnBoth('fields through the API', (_, engine) => {
  const ledger = openLedger();
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
    it(`keeps every field of a ${name}`, async () => {
      const forms = listForms(name);
      const bare = await makeBare(name);
      const differing = new Set<string>();
      const given = new Set<string>();
      for (const [index, fields] of forms.entries()) {
        const which = `form ${index}`;
        const place = await world.placeFor(name);
        const filled = await world.fill(place, name, fields);
        const shown = drawThing(await world.create(place, name, filled), place.names);
        const wanted = ledger.addShown('create', name, drawThing(filled, place.names));
        const kept = Object.fromEntries(Object.keys(wanted).map((path) => [path, shown[path]]));
        ledger.compare({ way: 'create', thing: name, which }, wanted, kept);
        ledger.compare({ way: 'change', thing: name, which }, shown, await changeBare(name, fields));
        for (const path of Object.keys(wanted)) given.add(path);
        for (const path of listDifferent(bare, shown)) differing.add(path);
      }
      checkValues(name, forms);
      const never = [...given].filter(
        (path) => !differing.has(path) && !ledger.isLeftOut('bare', name, path),
      );
      assert.deepEqual(never, [], 'No form gives these fields a value that is not their default.');
      checkMembers(name, given, differing);
    });

  it('leaves nothing else out', () => ledger.finish(['form', 'bare', 'shown', 'create', 'change']));

  /** The thing with no more than it needs. */
  async function makeBare(name: ThingName): Promise<Flat> {
    const place = await world.placeFor(name);
    const least = await world.fill(place, name, things[name].least);
    return drawThing(await world.create(place, name, least), place.names);
  }

  /** The form as a change of a bare thing; of the form only what a change takes. */
  async function changeBare(name: ThingName, fields: Fields): Promise<Flat> {
    const place = await world.placeFor(name);
    const { id } = await world.create(place, name, await world.fill(place, name, leastOf(name, fields)));
    const taken = listMembers(things[name].change.body);
    const kept = Object.entries(fields).filter(([member]) => taken.includes(member));
    const body = await world.fill(place, name, Object.fromEntries(kept));
    return drawThing(await world.change(place, name, id, body), place.names);
  }

  /** Every choice of a field is in one of the forms. */
  function checkValues(name: ThingName, forms: readonly Fields[]): void {
    const fields = listFields(things[name].create.body).filter(([, schema]) => isChoice(schema));
    for (const [member, schema] of fields) {
      const missing = listValues(schema, member).filter(
        (value) => !forms.some((form) => form[member] === value),
      );
      const left = missing.length > 0 && ledger.isLeftOut('form', name, member);
      assert.deepEqual(left ? [] : missing, [], `No form gives ${member} these values.`);
    }
  }

  /** Every member of the schemas is looked at: given, or said why not. */
  function checkMembers(name: ThingName, given: ReadonlySet<string>, differing: ReadonlySet<string>): void {
    const thing: Thing = things[name];
    const top = (paths: ReadonlySet<string>) => new Set([...paths].map((path) => path.split('.')[0]!));
    const [all, shown] = [top(given), top(differing)];
    const bodies = [...listMembers(thing.create.body), ...listMembers(thing.change.body)];
    const missing = bodies.filter((member) => !all.has(member) && !ledger.isLeftOut('form', name, member));
    assert.deepEqual(missing, [], 'No form gives these fields.');
    const constant = listMembers(thing.shown).filter(
      (member) => !shown.has(member) && !ledger.isLeftOut('shown', name, member),
    );
    assert.deepEqual(constant, [], 'These members of an answer are the same whatever is given.');
  }
});
