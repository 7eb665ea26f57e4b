// Flows that hold every form of everything, and how another flow is compared with it, whole.
import assert from 'node:assert/strict';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import type { Ledger } from './compare.ts';
import type { Way } from './left-out.ts';
import { drawFlow, type Picture } from './picture.ts';
import { listForms, things, type ThingName } from './thing.ts';
import type { FieldWorld, Place } from './world.ts';

/** In the order in which they need each other; what an output writes comes with it, and a flow has one schedule. */
const parts = ['parameter', 'dataset', 'recipe', 'output', 'task'] as const;

export interface FullFlow {
  readonly id: number;
  readonly name: string;
  readonly picture: Picture;
}

export async function makeFullFlows(world: FieldWorld): Promise<FullFlow[]> {
  const made = [];
  for (const [index, flow] of listForms('flow').entries()) {
    const place = await world.makePlace(String(flow['name']));
    const { flowId: id } = place;
    await world.author.call(flows.change, { params: { id }, body: flow });
    if (index === 0) for (const thing of parts) await fillPlace(world, place, thing);
    const schedule = await world.fill(place, 'schedule', listForms('schedule')[index]!);
    await world.create(place, 'schedule', schedule);
    made.push({ id, name: String(flow['name']), picture: await drawFull(world, id) });
  }
  return made;
}

/** Every form of the thing, and a bare one. */
async function fillPlace(world: FieldWorld, place: Place, thing: ThingName): Promise<void> {
  for (const fields of [...listForms(thing), things[thing].least]) {
    const { id } = await world.create(place, thing, await world.fill(place, thing, fields));
    const params = { id };
    if (thing === 'dataset')
      await world.author.call(datasets.addToFlow, { params, body: { flow: { id: place.flowId } } });
  }
}

export function drawFull(world: FieldWorld, flowId: number): Promise<Picture> {
  return drawFlow(world.author, flowId, new Map([[world.elsewhere, 'elsewhere']]));
}

/** Every thing of one flow beside the same of the other. */
export function comparePictures(ledger: Ledger, way: Way, before: Picture, after: Picture): void {
  for (const thing of Object.keys(before) as ThingName[]) {
    const all = before[thing];
    const others = after[thing];
    assert.deepEqual([...others.keys()].toSorted(), [...all.keys()].toSorted(), `${way}: each ${thing}`);
    for (const [which, each] of all) ledger.compare({ way, thing, which }, each, others.get(which)!);
  }
}
