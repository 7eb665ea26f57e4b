// Copy, export and import in the browser: what comes along is said before, and what is missing has a place to give it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { foreignDocument, foreignFlow, packageOf } from '../../server/test/foreign-package.ts';
import { readPackageFile } from '../../server/src/transfer/package-file.ts';
import { checkAxe, checkNarrow, setScheme } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeWorld } from './world.ts';

describeInBrowser('transfer', makeWorld, (rig) => {
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/zip', buffer });

  it('copies a flow with its webhook tasks, which wait for their secrets in the new one', async () => {
    const tab = await rig.open('/flows');
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with Orders' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Copy' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Copy “Orders”' });
    assert.equal(await dialog.getByLabel('Name of the copy').inputValue(), 'Orders (copy)');
    await dialog.getByText(/disabled and without their secrets/u).waitFor();
    await dialog.getByLabel('Name of the copy').fill('Orders, tried out');
    await dialog.getByRole('checkbox', { name: 'Webhook tasks, too' }).press('Space');
    await checkAxe(page, 'copy');
    await checkNarrow(page, 'copy');
    await dialog.getByRole('button', { name: 'Copy', exact: true }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Orders, tried out' }).waitFor();
    await page.getByText(/It came without its secrets|give secretKey/u).waitFor();
    const { data } = await rig.server.author.call(flowEndpoints.list, { query: { filter: 'tried out' } });
    const tasks = await rig.server.author.call(webhookTaskEndpoints.listOfFlow, {
      params: { id: data[0]!.id },
    });
    assert.deepEqual(
      tasks.data.map(({ enabled, secretKeySet }) => [enabled, secretKeySet]),
      [[false, false]],
    );
  });

  it('offers no webhook tasks to those who only see the flow', async () => {
    const { author, addPerson } = rig.server;
    const reader = await addPerson('author');
    await author.call(flowPermissionEndpoints.give, {
      params: { id: rig.world.ids.flow },
      body: { data: [{ personId: reader.id, role: 'readOnly' }] },
    });
    const tab = await rig.open(`/flows/${rig.world.ids.flow}`, reader);
    const { page } = tab;
    await page.getByRole('button', { name: 'More actions of this flow' }).click();
    await page.getByRole('menuitem', { name: 'Copy' }).click();
    const dialog = page.getByRole('dialog', { name: 'Copy “Orders”' });
    await dialog.getByText('Only editors and the owner of the flow copy its webhook tasks.').waitFor();
    assert.equal(await dialog.getByRole('checkbox', { name: 'Webhook tasks, too' }).isDisabled(), true);
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Orders (copy)' }).waitFor();
  });

  it('exports a package after it said what stays, and imports it again, each missing thing with its place', async () => {
    const tab = await rig.open(`/flows/${rig.world.ids.flow}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'More actions of this flow' }).click();
    await page.getByRole('menuitem', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export “Orders”' });
    await dialog.getByText('2 recipes').waitFor();
    await dialog.getByText('The webhook task Tell the receiver goes without secretKey.').waitFor();
    await checkAxe(page, 'export');
    await checkNarrow(page, 'export');
    const downloading = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Download the package' }).click();
    const download = await downloading;
    assert.match(download.suggestedFilename(), /^flow_Orders.*\.zip$/u);
    const bytes = await readFile(await download.path());
    const { text } = await readPackageFile(bytes, 'data');
    assert.doesNotMatch(text, /a secret for tests/u);

    await tab.open('/flows/import');
    await page.getByLabel('Choose a package').setInputFiles(file('flow_Orders.zip', bytes));
    await page.getByRole('heading', { name: 'What flow_Orders.zip brings' }).waitFor();
    await page.getByText('orders (waits for its file)').waitFor();
    await page.getByText('Tell the receiver (disabled)').waitFor();
    await page.getByText(/The webhook task Tell the receiver comes in disabled/u).waitFor();
    await checkAxe(page, 'review');
    const before = await countFlows();
    await page.getByRole('button', { name: 'Import', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Imported' }).waitFor();
    assert.equal(await countFlows(), before + 1);
    await page.getByRole('link', { name: 'Give it a file: orders' }).waitFor();
    await setScheme(page, 'dark');
    await checkAxe(page, 'imported, dark');
    await setScheme(page, 'light');
    await checkNarrow(page, 'imported');
    await page.getByRole('link', { name: 'Give its secrets: Tell the receiver' }).press('Enter');
    const editor = page.getByRole('dialog', { name: 'Webhook task “Tell the receiver”' });
    await editor.getByText('It came without these values: give them, and enable the task').waitFor();
    await checkAxe(page, 'a task without its secrets');
    await editor.getByLabel('Secret key', { exact: true }).fill('given again');
    await editor.getByRole('switch', { name: 'Enabled' }).press('Space');
    await editor.getByRole('button', { name: 'Save' }).press('Enter');
    await editor.waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Webhook tasks' }).getByText('Enabled').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('task'), null);
    // The preview can't be made until the secrets are there.
    tab.forgive(/status of 400 .*preview/u);
  });

  it('shows what of a foreign package is changed, left out and not runnable, before anything is made', async () => {
    const bytes = await packageOf(foreignDocument([foreignFlow()]));
    const before = await countFlows();
    const tab = await rig.open('/flows/import');
    const { page } = tab;
    await page.getByLabel('Choose a package').setInputFiles(file('old.zip', bytes));
    await page.getByRole('heading', { name: 'What old.zip brings' }).waitFor();
    await page.getByText(/Join quarters \(can’t be run until it has SQL\)/u).waitFor();
    await page
      .getByRole('region', { name: /things? (?:is|are) left out/u })
      .getByText(/avro/u)
      .first()
      .waitFor();
    await page.getByRole('region', { name: /things? (?:is|are) changed/u }).waitFor();
    await checkAxe(page, 'review of a foreign package');
    await checkNarrow(page, 'review of a foreign package');
    assert.equal(await countFlows(), before);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('link', { name: 'Open “Quarterly numbers”' }).waitFor();
    await page.getByRole('link', { name: 'Write its SQL: Join quarters' }).click();
    await page.getByRole('heading', { level: 1, name: 'Quarterly numbers' }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Join quarters' }).waitFor();
    // Its first rows say why there are none.
    await page
      .getByRole('tabpanel', { name: 'First rows' })
      .getByText(/came without SQL/u)
      .waitFor();
    tab.forgive(/status of 409 .*preview/u);
  });

  it('says why something is no package, and takes another by drop', async () => {
    const tab = await rig.open('/flows/import');
    const { page } = tab;
    await page.getByLabel('Choose a package').setInputFiles(file('notes.zip', Buffer.from('no zip')));
    await page.getByRole('alert').getByText('notes.zip can’t be imported').waitFor();
    await checkAxe(page, 'refused');
    const bytes = await packageOf(foreignDocument([foreignFlow()]));
    await page.getByText('Drop a package here').evaluate((element, content) => {
      const data = Uint8Array.from(atob(content), (char) => char.codePointAt(0)!);
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([data], 'dropped.zip', { type: 'application/zip' }));
      for (const type of ['dragover', 'drop'])
        element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    }, bytes.toString('base64'));
    await page.getByRole('heading', { name: 'What dropped.zip brings' }).waitFor();
    await page.getByRole('button', { name: 'Choose another package' }).click();
    await page.getByText('Drop a package here').waitFor();
    tab.forgive(/status of 400/u);
  });

  it('is not for viewers of the workspace, who export all the same', async () => {
    const { author, viewer } = rig.server;
    await author.call(flowPermissionEndpoints.give, {
      params: { id: rig.world.ids.flow },
      body: { data: [{ personId: viewer.id, role: 'readOnly' }] },
    });
    const tab = await rig.open('/flows', viewer);
    const { page } = tab;
    assert.equal(await page.getByRole('link', { name: 'Import' }).count(), 0);
    await page.getByRole('button', { name: 'What can be done with Orders', exact: true }).click();
    assert.equal(await page.getByRole('menuitem', { name: 'Copy' }).count(), 0);
    await page.getByRole('menuitem', { name: 'Export' }).click();
    await page.getByText('Webhook tasks stay here: only editors of the flow take them along.').waitFor();
  });

  async function countFlows(): Promise<number> {
    return (await rig.server.administrator.call(flowEndpoints.count, {})).count;
  }
});
