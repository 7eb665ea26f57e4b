// Every field goes through the forms of the web interface: what is read is shown, what is shown is saved.
import { after, before, it } from 'node:test';
import { describeOnBoth } from '../../server/test/database.ts';
import { openLedger } from '../../server/test/field-net/compare.ts';
import { drawThing } from '../../server/test/field-net/picture.ts';
import { leastOf, listForms, type Fields, type ThingName } from '../../server/test/field-net/thing.ts';
import {
  makeFieldWorld,
  removeNumbers,
  writeNumbers,
  type FieldWorld,
  type Place,
  type Shown,
} from '../../server/test/field-net/world.ts';
import { editors, type Editor } from './editor.ts';

describeOnBoth('fields in the forms of the web interface', (_, engine) => {
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

  for (const [name, editor] of Object.entries(editors) as [ThingName, Editor][])
    it(`keeps every field of a ${name}`, async () => {
      for (const [index, fields] of listForms(name).entries()) {
        const place = await world.placeFor(name);
        const given = await world.fill(place, name, fields);
        const shown = await world.create(place, name, given);
        const compare = (way: 'editor' | 'save', how: string, after: Shown, names = place.names) =>
          ledger.compare(
            { way, thing: name, which: `form ${index}, ${how}` },
            drawThing(shown, place.names),
            drawThing(after, names),
          );
        const [bare, elsewhere] = await makeBare(name, fields);
        const typed = { shown, given, bare };
        const over = await world.change(elsewhere, name, bare.id, editor.typeOver(typed));
        compare('editor', 'typed over a bare one', over, elsewhere.names);
        if (editor.typeNew) {
          const free = await world.placeFor(name);
          const body = editor.typeNew(typed, free.flowId);
          compare('editor', 'typed as a new one', await world.create(free, name, body), free.names);
        }
        const saved = await world.change(place, name, shown.id, editor.save(shown));
        compare('save', 'saved without a change', saved);
      }
    });

  it('leaves nothing else out', () => ledger.finish(['editor', 'save']));

  async function makeBare(name: ThingName, fields: Fields): Promise<[Shown, Place]> {
    const place = await world.placeFor(name);
    const least = await world.fill(place, name, leastOf(name, fields));
    return [await world.create(place, name, least), place];
  }
});
