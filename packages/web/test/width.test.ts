// Names of two hundred characters without a blank widen no page, at any width that people have, and axe finds nothing there.
import { it } from 'node:test';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { personEndpoints } from '@flowhook/contract/person/person';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { uploadDataset } from '../../server/test/upload-form.ts';
import { pages } from '../src/router/page-list.ts';
import { byFullness } from '../../server/test/full.ts';
import { checkBothSchemes, checkWidths } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeWorld, type World } from './world.ts';

const widths = [360, 768, 1000, 1024, 1280, 1440, 1920];
const long = (letter: string) => letter.repeat(200);

async function makeLongWorld(): Promise<World> {
  const world = await makeWorld();
  const { author, administrator } = world.server;
  const { flow: flowId, task } = world.ids;
  const file = { fileName: 'long.csv', content: `${long('c')},b\n${long('v')},2\n` };
  const dataset = await uploadDataset(author, file, { name: long('d') });
  const flow = { id: flowId };
  await author.call(importedDatasetEndpoints.addToFlow, { params: { id: dataset.id }, body: { flow } });
  const recipe = await author.call(wrangledDatasetEndpoints.create, {
    body: { name: long('r'), flow, importedDataset: { id: dataset.id } },
  });
  await author.call(outputObjectEndpoints.create, {
    body: {
      flowNodeId: recipe.id,
      writeSettings: [{ path: `${long('p').slice(4)}.csv`, action: 'create', format: 'csv' }],
    },
  });
  await author.call(webhookTaskEndpoints.change, { params: { id: task }, body: { name: long('t') } });
  const job = await author.call(externalJobEndpoints.create, { body: { flow, name: long('j') } });
  await author.call(externalJobEndpoints.change, {
    params: { id: job.id },
    body: { status: 'Failed', errorMessage: long('e'), facts: { fact: long('f') } },
  });
  await author.call(flowEndpoints.change, {
    params: { id: flowId },
    body: { name: long('n'), description: long('s') },
  });
  await administrator.call(personEndpoints.change, { params: { id: author.id }, body: { name: long('a') } });
  return { ...world, ids: { ...world.ids, dataset: dataset.id, recipe: recipe.id } };
}

describeInBrowser('long names', makeLongWorld, (rig) => {
  for (const [at, { path, example, access }] of pages.entries()) {
    it(`${path} is no wider than its window`, async () => {
      const { administrator, author } = rig.server;
      const person = access === 'open' ? null : access === 'administrator' ? administrator : author;
      const address = example.replaceAll(/\{(\w+)\}/gu, (_, name: string) =>
        String(rig.world.ids[name as keyof World['ids']]),
      );
      const tab = await rig.tabOf(person);
      if (person === null) await tab.open(address);
      else await tab.goTo(address);
      await tab.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      // The narrowest last: what came late is there by then.
      await checkWidths(tab.page, path, widths.toReversed());
      // The gate takes a width for each page by turns.
      for (const width of byFullness(widths, [widths[at % widths.length]!])) {
        await tab.page.setViewportSize({ width, height: 900 });
        await checkBothSchemes(tab.page, `${path} at ${width} pixels`);
      }
      // Who is not signed in is told so.
      tab.forgive(/status of 401/u);
    });
  }
});
