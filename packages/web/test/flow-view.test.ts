// The flow view, driven as people do: from an empty flow to a job, by mouse and by keyboard.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { describeInBrowser } from './rig.ts';
import { fillFlow, makeWorld } from './world.ts';

const csv = 'city;population\nParis;2100000\nLyon;520000\nNice;340000\n';

describeInBrowser('the flow view', makeWorld, (rig) => {
  it('leads from a dropped file to a complete job', async () => {
    const { author } = rig.server;
    const flow = await author.call(flowEndpoints.create, { body: { name: 'Cities' } });
    const tab = await rig.open(`/flows/${flow.id}`);
    const { page } = tab;
    await page.getByRole('heading', { name: 'This flow is empty' }).waitFor();
    await dropFile(page, 'cities.csv', csv);
    await page.getByRole('button', { name: 'Dataset cities' }).waitFor();
    await page.getByRole('cell', { name: 'population' }).waitFor();
    await page.getByRole('tab', { name: 'First rows' }).click();
    await page.getByRole('cell', { name: '520000' }).waitFor();

    await page.getByRole('button', { name: 'Add recipe on it' }).click();
    const dialog = page.getByRole('dialog', { name: 'New recipe on cities' });
    await dialog.getByLabel('Name').fill('big_cities');
    await dialog.getByRole('button', { name: 'Make the recipe' }).click();
    await page.getByRole('button', { name: 'Recipe big_cities, reads cities' }).waitFor();
    const { data } = await author.call(wrangledDatasetEndpoints.list, { query: { flowId: flow.id } });
    assert.equal(new URL(page.url()).searchParams.get('recipe'), String(data[0]!.id));

    await typeSql(page, 'select city, populaton from cities');
    await page.getByText(/Line 1, column 14: /u).waitFor();
    await page.locator('.cm-lintRange-error', { hasText: 'populaton' }).waitFor();
    await typeSql(page, 'select city, population from cities where population > 400000');
    await page.getByText('Valid', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The recipe is saved.').waitFor();
    await page.getByRole('cell', { name: 'Nice' }).waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'Lyon' }).waitFor();

    await page.getByRole('button', { name: 'Add output' }).click();
    await page.getByRole('button', { name: 'Output of big_cities' }).waitFor();
    await page.getByRole('button', { name: 'Add a file' }).click();
    await page.getByLabel('Path').fill('../outside.csv');
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByText('Must not hold `..`.').waitFor();
    await page.getByLabel('Path').fill('cities/big.csv');
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByText('The settings are saved.').waitFor();

    await page.getByRole('button', { name: 'Run' }).dblclick({ delay: 60 });
    await page.getByText('Complete', { exact: true }).waitFor();
    await page.getByText(/rows written: 2/u).waitFor();
    const jobs = await author.call(jobGroupEndpoints.list, { query: { flowId: flow.id } });
    assert.deepEqual(
      jobs.data.map(({ status, ranfrom }) => [status, ranfrom]),
      [['Complete', 'ui']],
    );
    assert.equal(
      await page.getByRole('link', { name: /^Job / }).getAttribute('href'),
      `/jobs/${jobs.data[0]!.id}`,
    );
  });

  it('goes through the graph and all it opens by keyboard alone', async () => {
    const { author } = rig.server;
    const { ids } = rig.world;
    const tab = await rig.open(`/flows/${ids.flow}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Dataset orders' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'orders' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focusedName(page), 'Recipe large_orders, reads orders');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(new URL(page.url()).searchParams.get('recipe'), String(ids.recipe));
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' limit 1');
    await page.keyboard.press('Escape');
    await page.getByText('Not saved yet').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('The recipe is saved.').waitFor();
    const { sql } = await author.call(wrangledDatasetEndpoints.get, { params: { id: ids.recipe } });
    assert.match(String(sql), /limit 1$/u);
    await page.goBack();
    await page.getByRole('region', { name: 'orders' }).waitFor();
  });

  it('keeps what is typed: after saving, on another node, on Back, on a reload', async () => {
    const { author } = rig.server;
    const { ids } = rig.world;
    const tab = await rig.open(`/flows/${ids.flow}?recipe=${ids.recipe}`);
    const { page } = tab;
    for (const sql of ['select id from orders', 'select id from orders limit 3']) {
      await typeSql(page, sql);
      await page.keyboard.press('Escape');
      const isReadAgain = page.waitForResponse(
        (answer) =>
          answer.request().method() === 'GET' && answer.url().endsWith(`/v4/wrangledDatasets/${ids.recipe}`),
      );
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await isReadAgain;
      await page.getByText('Not saved yet').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Save', exact: true, disabled: true }).waitFor();
      assert.equal(await readEditor(page), sql);
      const stored = await author.call(wrangledDatasetEndpoints.get, { params: { id: ids.recipe } });
      assert.equal(stored.sql, sql);
    }
    const draft = 'select id from orders where id > 2';
    await typeSql(page, draft);
    await page.keyboard.press('Escape');
    await page.getByText('Not saved yet').waitFor();
    await page.getByRole('button', { name: 'Dataset orders' }).click();
    await page.getByRole('region', { name: 'orders', exact: true }).getByText('Used by').waitFor();
    await page.goBack();
    await page.getByText(/^Your draft of /u).waitFor();
    assert.equal(await readEditor(page), draft);
    await page.reload();
    await page.getByText(/^Your draft of /u).waitFor();
    assert.equal(await readEditor(page), draft);
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('dialog', { name: 'Sign out and lose what is not saved?' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Undo changes' }).click();
    assert.equal(await readEditor(page), 'select id from orders limit 3');
    const left = await page.evaluate(() => Object.keys(sessionStorage));
    assert.deepEqual(
      left.filter((key) => key.startsWith('flowhook.draft.')),
      [],
    );
  });

  it('completes the names of datasets, recipes and columns', async () => {
    const tab = await rig.open(`/flows/${rig.world.ids.flow}?recipe=${rig.world.ids.recipe}`);
    const { page } = tab;
    await typeSql(page, 'select * from large_');
    await page.locator('.cm-tooltip-autocomplete').getByText('large_orders').waitFor();
    await page.keyboard.press('Escape');
    await typeSql(page, 'select orders.cust');
    await page.locator('.cm-tooltip-autocomplete').getByText('customer').waitFor();
    await page.keyboard.press('Escape');
    await typeSql(page, 'select strft');
    await page.locator('.cm-tooltip-autocomplete').getByText('strftime').waitFor();
    await page.keyboard.press('Escape');
    // The engine has no such function: PostgreSQL has.
    await typeSql(page, 'select to_c');
    await page.locator('.cm-tooltip-autocomplete').getByText('to_centuries').waitFor();
    assert.equal(await page.locator('.cm-tooltip-autocomplete').getByText('to_char').count(), 0);
  });

  it('shows a dataset: replaces its file, reads it otherwise, renames it', async () => {
    const { author } = rig.server;
    const ids = await fillFlow(author, rig.world.receiver);
    const tab = await rig.open(`/flows/${ids.flow}?dataset=${ids.dataset}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'large_orders', exact: true }).waitFor();
    const replace = async (text: string) => {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: 'Replace the file' }).click(),
      ]);
      await chooser.setFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    };
    await replace('id,customer,sum\n7,Cleo,99\n');
    await page
      .getByRole('alert')
      .getByText(/amount/u)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Take it with its own columns' }).click();
    await page.getByText('The new file is in place.').waitFor();
    await replace('id,customer,amount\n7,Cleo,99\n');
    await page.getByRole('button', { name: 'Take it with its own columns' }).click();
    await page.getByRole('region', { name: 'Columns' }).getByText('amount').waitFor();
    await page.getByRole('tab', { name: 'First rows' }).click();
    await page.getByRole('cell', { name: 'Cleo' }).waitFor();
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await page.getByRole('combobox', { name: 'amount' }).fill('VARCHAR');
    await page.getByRole('combobox', { name: 'A value that is not of its column’s type' }).click();
    await page.getByRole('option', { name: 'Leaves its row out' }).click();
    assert.equal(await page.getByLabel('Delimiter').getAttribute('placeholder'), 'As found: ,');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The file is read anew.').waitFor();
    const dataset = await author.call(importedDatasetEndpoints.get, { params: { id: ids.dataset } });
    assert.equal(dataset.fileVersion, 3);
    assert.equal(dataset.columns.find(({ name }) => name === 'amount')?.type, 'VARCHAR');
    // What was found only is found anew in the next file.
    assert.deepEqual(dataset.given.options, { columnTypes: { amount: 'VARCHAR' }, onMismatch: 'reject' });
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('purchases');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Dataset purchases' }).waitFor();
    // Two files that were refused at first.
    tab.forgive(/status of 400/u);
  });

  it('deletes a recipe only where nothing reads it, and says why not', async () => {
    const { author } = rig.server;
    const { ids } = rig.world;
    const tab = await rig.open(`/flows/${ids.flow}`);
    const { page } = tab;
    await page.getByRole('button', { name: /^Recipe large_orders/u }).click();
    await chooseAction(page, 'Delete');
    const dialog = page.getByRole('dialog', { name: 'Delete “large_orders”?' });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/totals/u)
      .waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const made = await author.call(wrangledDatasetEndpoints.create, {
      body: { name: 'spare', flow: { id: ids.flow }, wrangledDataset: { id: ids.recipe } },
    });
    await author.call(outputObjectEndpoints.create, { body: { flowNodeId: made.id } });
    await author.call(webhookTaskEndpoints.create, {
      body: {
        flowId: ids.flow,
        name: 'Tell of spare',
        url: `${rig.world.receiver.origin}/spare`,
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'some',
        flowNodeIds: [made.id],
        body: '{}',
      },
    });
    await page.getByRole('button', { name: 'Recipe spare, reads totals' }).click();
    await chooseAction(page, 'Delete');
    const leaving = page.getByRole('dialog', { name: 'Delete “spare”?' });
    await leaving.getByText('1 output', { exact: true }).waitFor();
    await leaving.getByText(/The webhook task “Tell of spare” is disabled/u).waitFor();
    await leaving.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: /^Recipe spare/u }).waitFor({ state: 'detached' });
    await author.refused(wrangledDatasetEndpoints.get, 404, { params: { id: made.id } });
    tab.forgive(/status of (?:404|409)/u);
  });

  it('opens the webhooks from its menu, in the panel on the right', async () => {
    const tab = await rig.open(`/flows/${rig.world.ids.flow}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'More actions of this flow' }).click();
    await page.getByRole('menuitem', { name: 'Webhooks' }).click();
    const panel = page.getByRole('region', { name: 'Webhooks' });
    await panel.getByText('Tell the receiver').waitFor();
    await panel.getByRole('button', { name: 'Create webhook task' }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('panel'), 'webhooks');
  });

  it('takes an output away, adds a dataset that is there already, and takes it out again', async () => {
    const { author } = rig.server;
    const ids = await fillFlow(author, rig.world.receiver);
    const tab = await rig.open(`/flows/${ids.flow}?output=${ids.output}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Delete the output' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the output' }).click();
    await page.getByRole('button', { name: /^Output of/u }).waitFor({ state: 'detached' });
    await author.refused(outputObjectEndpoints.get, 404, { params: { id: ids.output } });
    await page.getByRole('button', { name: 'Add dataset' }).click();
    await page.getByRole('menuitem', { name: 'Add one that is there already' }).click();
    await page.getByRole('dialog').getByRole('combobox', { name: 'Dataset' }).click();
    await page.getByRole('option').first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { data } = await author.call(flowEndpoints.flowNodes, { params: { id: ids.flow } });
    const [read, added] = data.flatMap(({ importedDataset }) => importedDataset ?? []);
    assert.ok(read !== undefined && added !== undefined);

    await page.goto(`/flows/${ids.flow}?dataset=${read.id}`);
    await page.getByText('It can be taken out of the flow when none of them reads it any more.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Take out of the flow' }).count(), 0);
    await page.goto(`/flows/${ids.flow}?dataset=${added.id}`);
    await page.getByRole('button', { name: 'Take out of the flow' }).click();
    await page.getByText(/is no longer in this flow\. The dataset itself stays\./u).waitFor();
    await page
      .getByRole('button', { name: `Dataset ${String(added['name'])}` })
      .waitFor({ state: 'detached' });
    const left = await author.call(flowEndpoints.flowNodes, { params: { id: ids.flow } });
    assert.equal(left.data.filter(({ wrangled }) => !wrangled).length, 1);
    tab.forgive(/status of 404/u);
  });
});

async function dropFile(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, text]) => {
      const made = new DataTransfer();
      made.items.add(new File([text!], fileName!, { type: 'text/csv' }));
      return made;
    },
    [name, content],
  );
  const target = page.getByRole('region', { name: 'Details' });
  for (const event of ['dragenter', 'dragover', 'drop'])
    await target.dispatchEvent(event, { dataTransfer: transfer });
}

function readEditor(page: Page): Promise<string> {
  return page.locator('.cm-content').innerText();
}

async function typeSql(page: Page, sql: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(sql);
}

async function chooseAction(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
}

function focusedName(page: Page): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
}
