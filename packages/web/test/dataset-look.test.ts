// A file’s options beside what they change, before it is added and after; and first rows, with what is to be said of them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { checkBothSchemes, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { fillFlow, makeWorld } from './world.ts';

async function makeFileWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-web-look-'));
  const world = await makeWorld({ FLOWHOOK_DATA_ROOTS: folder });
  return {
    ...world,
    folder,
    async stop() {
      await world.stop();
      await rm(folder, { recursive: true });
    },
  };
}

describeInBrowser('a file that is looked at', makeFileWorld, (rig) => {
  async function openFlow() {
    const { author } = rig.server;
    const { id } = await author.call(flowEndpoints.create, { body: { name: 'Of files' } });
    const tab = await rig.open(`/flows/${id}`);
    return { ...tab, id };
  }
  const datasetOf = async (page: Page) => {
    await page.waitForFunction(() => new URL(location.href).searchParams.has('dataset'));
    const id = Number(new URL(page.url()).searchParams.get('dataset'));
    return rig.server.author.call(importedDatasetEndpoints.get, { params: { id } });
  };
  async function choose(page: Page, item: string, name: string, buffer: Buffer): Promise<void> {
    await page.getByRole('button', { name: 'Add dataset' }).click();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('menuitem', { name: item, exact: true }).click(),
    ]);
    await chooser.setFiles({ name, mimeType: 'text/csv', buffer });
  }

  it('opens its options beside its first lines where it can not be read, and shows what they change', async () => {
    const tab = await openFlow();
    const { page } = tab;
    const latin = Buffer.from('id;name\n7;Müller\n8;Maier;too much\n', 'latin1');
    await choose(page, 'Upload a file', 'people.csv', latin);
    const dialog = page.getByRole('dialog', { name: 'Add people.csv' });
    await dialog.getByText('It could not be read by itself.').waitFor();
    await dialog
      .getByRole('alert')
      .getByText(/encoding/u)
      .waitFor();
    await dialog.getByRole('region', { name: 'First lines as they stand' }).getByText('id;name').waitFor();
    await dialog.getByRole('combobox', { name: 'Encoding' }).click();
    await page.getByRole('option', { name: 'windows-1252' }).click();
    await dialog.getByRole('combobox', { name: /^A row with fewer or more/u }).click();
    await page.getByRole('option', { name: 'Is left out' }).click();
    await dialog.getByRole('cell', { name: 'Müller' }).waitFor();
    await dialog.getByRole('columnheader', { name: /BIGINT/u }).waitFor();
    await dialog.getByRole('checkbox', { name: 'All columns as text' }).check();
    await dialog.getByRole('columnheader', { name: /^id.*VARCHAR/u }).waitFor();
    assert.equal(await dialog.getByRole('cell', { name: 'Maier' }).count(), 0);
    await checkBothSchemes(page, 'the options of a file');
    await checkNarrow(page, 'the options of a file');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { given, columns } = await datasetOf(page);
    assert.deepEqual(given.options, {
      encoding: 'windows-1252',
      raggedRows: 'skip',
      columnTypes: { '*': 'VARCHAR' },
    });
    assert.deepEqual(
      columns.map(({ type }) => type),
      ['VARCHAR', 'VARCHAR'],
    );
    tab.forgive(/status of 400/u);
  });

  it('shows its options where a person asks for them, also of a large one, and adds nothing before', async () => {
    const tab = await openFlow();
    const { page } = tab;
    const large = Buffer.from(`a,b\n${'1,x\n'.repeat(1_200_000)}`);
    await choose(page, 'Upload a file with options', 'large.csv', large);
    const dialog = page.getByRole('dialog', { name: 'Add large.csv' });
    await dialog.getByText('Only the beginning of the file was looked at.').waitFor();
    await dialog.getByRole('combobox', { name: /^First row holds/u }).click();
    await page.getByRole('option', { name: 'No', exact: true }).click();
    await dialog.getByRole('columnheader', { name: /^column0/u }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { data } = await rig.server.author.call(flowEndpoints.flowNodes, { params: { id: tab.id } });
    assert.deepEqual(data, []);
  });

  it('is named by its address', async () => {
    const tab = await openFlow();
    const { page } = tab;
    const path = join(rig.world.folder, 'away.csv');
    await writeFile(path, 'n,text\n1,here\n');
    await page.getByRole('button', { name: 'Add dataset' }).click();
    await page.getByRole('menuitem', { name: 'Add a file by its address' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a file by its address' });
    await dialog.getByRole('textbox', { name: 'Address' }).fill('file:///etc/hostname');
    await dialog
      .getByRole('alert')
      .getByText(/not in a folder/u)
      .waitFor();
    await dialog.getByRole('textbox', { name: 'Address' }).fill(pathToFileURL(path).href);
    await dialog.getByRole('cell', { name: 'here' }).waitFor();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('from_afar');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'Dataset from_afar' }).waitFor();
    assert.equal((await datasetOf(page)).origin, 'uri');
    tab.forgive(/status of 400/u);
  });

  it('is shown as changed options read it, before they are saved', async () => {
    const { author } = rig.server;
    const ids = await fillFlow(author, rig.world.receiver);
    const tab = await rig.open(`/flows/${ids.flow}?dataset=${ids.dataset}`);
    const { page } = tab;
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await page.getByRole('textbox', { name: 'Delimiter' }).fill(';');
    await page
      .getByRole('region', { name: 'As it is read now' })
      .getByRole('cell', { name: '1,Ada,12.5' })
      .waitFor();
    await page.getByRole('textbox', { name: 'Delimiter' }).fill('');
    await page.getByRole('region', { name: 'As it is read now' }).waitFor({ state: 'detached' });
    const { columns } = await author.call(importedDatasetEndpoints.get, { params: { id: ids.dataset } });
    assert.equal(columns.length, 3);
  });
});

/** What is to be said of the first rows of a recipe stands above them. */
describeInBrowser('first rows', makeFileWorld, (rig) => {
  it('say that they are made of a sample, and what is new in the files', async () => {
    const { author } = rig.server;
    const path = join(rig.world.folder, 'sales.csv');
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
    const { page } = await rig.open(`/flows/${flow}?recipe=${id}`);
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
  });
});
