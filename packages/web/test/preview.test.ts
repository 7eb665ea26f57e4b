// First rows of a recipe: what is to be said of them stands above them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { startBrowser, withoutBrowser } from './browser.ts';
import { checkBothSchemes, checkNarrow } from './look.ts';
import { visit } from './visit.ts';
import { makeWorld, type World } from './world.ts';

describe('first rows', { skip: withoutBrowser }, () => {
  let world: World;
  let browser: Browser;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-web-preview-'));
    world = await makeWorld({ FLOWHOOK_DATA_ROOTS: folder });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
    await rm(folder, { recursive: true });
  });

  it('say that they are made of a sample, and what is new in the files', async () => {
    const { author } = world.server;
    const path = join(folder, 'sales.csv');
    const ids = Array.from({ length: 50_000 }, (_, at) => at);
    await writeFile(path, `id\n${ids.join('\n')}\n`);
    const body = { uri: pathToFileURL(path).href, name: 'sales' };
    const dataset = await author.call(importedDatasetEndpoints.create, { body });
    await writeFile(path, `id,region\n${ids.map((id) => `${id},west\n`).join('')}`);
    const { id: flow } = await author.call(flowEndpoints.create, { body: { name: 'Of rows' } });
    const { id } = await author.call(wrangledDatasetEndpoints.create, {
      body: {
        name: 'triples',
        flow: { id: flow },
        importedDataset: { id: dataset.id },
        sql: 'select count(*) as n, sum((a.id * b.id * c.id) % 7) as total from sales a, sales b, sales c',
      },
    });
    const tab = await visit(browser, world.server, { person: author });
    const { page } = tab;
    await tab.open(`/flows/${flow}?recipe=${id}`);
    const sentence = page.getByText(
      /^Made of a sample: only the first [\d,]+ rows of each dataset were read/u,
    );
    await sentence.waitFor();
    const shown = (await sentence.textContent()) ?? '';
    const size = Number((/first ([\d,]+) rows/u.exec(shown)?.[1] ?? '').replaceAll(',', ''));
    assert.ok(size >= 100, shown);
    await page.getByRole('cell', { name: String(size ** 3), exact: true }).waitFor();
    await page
      .getByText(/"sales.csv" of dataset "sales" has the column "region", which is not promised/u)
      .waitFor();
    await checkBothSchemes(page, 'first rows of a sample');
    await checkNarrow(page, 'first rows of a sample');
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });
});
