// The audit log with its filters in the address, page by page, and the proof that the account closes or does not.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { auditLogEndpoints } from '@flowhook/contract/workspace/audit-log';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { wrangledDatasetEndpoints as recipeEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { personEndpoints } from '@flowhook/contract/person/person';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { checkAxe, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeWorld } from './world.ts';

describeInBrowser('the audit log', makeWorld, (rig) => {
  const open = (address: string) => rig.open(address, rig.server.administrator);
  const rowsOf = (tab: Awaited<ReturnType<typeof open>>) =>
    tab.page.getByRole('table', { name: 'Changes, the newest first' }).getByRole('row');

  it('shows before and after, and finds by person, action, kind and day', async () => {
    const { administrator, author } = rig.server;
    const body = { 'webapp.webhookSettings.tasksPerFlow': 61 };
    await administrator.call(workspaceEndpoints.changeSettings, { body });
    await administrator.call(personEndpoints.change, {
      params: { id: author.id },
      body: { name: 'Renamed' },
    });
    const tab = await open('/settings/audit');
    const { page } = tab;
    const setting = rowsOf(tab).filter({ hasText: 'Setting “Webhook tasks per flow”' });
    const renamed = rowsOf(tab).filter({ hasText: 'Renamed' }).filter({ hasText: 'changed' });
    await setting.locator('del', { hasText: '50' }).waitFor();
    await setting.locator('ins', { hasText: '61' }).waitFor();

    await page.getByLabel('Kind of thing').selectOption('Person');
    await page.getByLabel('Action').selectOption('changed');
    await setting.waitFor({ state: 'detached' });
    await renamed.waitFor();
    await page.getByLabel('Person').selectOption('The administrator');
    await page.waitForURL(/person=\d+/u);
    await page.reload();
    await renamed.locator('del', { hasText: 'The author' }).waitFor();
    assert.equal(await rowsOf(tab).count(), 2);

    const today = await page.evaluate(() => new Date().toLocaleDateString('sv'));
    await page.getByLabel('From').fill(today);
    await page.getByLabel('Until').fill(today);
    await page.waitForURL(new RegExp(`until=${today}`, 'u'));
    await renamed.waitFor();
    await page.getByLabel('From').fill('2099-01-01');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).press('Enter');
    await setting.waitFor();
    assert.equal(new URL(page.url()).search, '');
  });

  it('names flows, people and roles, and tells of a changed recipe', async () => {
    const { author, viewer } = rig.server;
    const { flow, recipe } = rig.world.ids;
    await author.call(flowPermissionEndpoints.give, {
      params: { id: flow },
      body: { data: [{ personId: viewer.id, role: 'readOnly' }] },
    });
    await author.call(recipeEndpoints.change, { params: { id: recipe }, body: { description: 'What for' } });
    const tab = await open('/settings/audit');
    const rights = rowsOf(tab).filter({ hasText: 'Rights in a flow' });
    await rights.getByRole('link', { name: 'Orders' }).waitFor();
    await rights.getByText('The viewer', { exact: true }).waitFor();
    await rights.locator('ins', { hasText: /^after: Viewer$/u }).waitFor();
    const changed = rowsOf(tab)
      .filter({ hasText: /Recipe “.+”/u })
      .filter({ hasText: 'What for' });
    await changed.getByRole('link', { name: 'Orders' }).waitFor();
  });

  it('is read on by cursor as its end comes near', async () => {
    const { administrator } = rig.server;
    for (let count = 0; count < 230; count += 1) {
      const body = { 'webapp.retentionDays': 100 + count };
      await administrator.call(workspaceEndpoints.changeSettings, { body });
    }
    const query = { objectKind: 'setting webapp.retentionDays', limit: 1000 };
    const { data } = await administrator.call(auditLogEndpoints.list, { query });
    assert.equal(data.length, 230);
    const tab = await open('/settings/audit?kind=setting+webapp.retentionDays');
    const { page } = tab;
    await rowsOf(tab).locator('ins', { hasText: '329' }).waitFor();
    const asked = page.waitForRequest(/auditLog\?.*after=\d+/u);
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await asked;
    const first = rowsOf(tab).locator('del', { hasText: /^before: 90$/u });
    for (let step = 0; step < 30 && !(await first.isVisible()); step += 1) {
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      // Rows are drawn with the next frame.
      await page.evaluate(() => new Promise((resolve) => void requestAnimationFrame(resolve)));
    }
    await first.waitFor();
  });

  it('is reached from a person, with what that person changed', async () => {
    const tab = await open('/settings/people');
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with The viewer' }).click();
    await page.getByRole('menuitem', { name: 'See what they changed' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    assert.equal(await page.getByLabel('Person').inputValue(), String(rig.server.viewer.id));
  });

  it('stands beside the proof, which closes, and names the rule and the row where a delivery is missing', async () => {
    const tab = await open('/settings/proof');
    const { page } = tab;
    await page.getByRole('heading', { name: 'Not proved in this window yet' }).waitFor();
    await page.getByRole('button', { name: 'Prove it' }).press('Enter');
    await page.getByText('Everything is accounted for').waitFor();
    const { db } = rig.server.app;
    const state = { state: 'dead' } as const;
    await db.transaction((tx) =>
      tx.updateTable('deliveries').set(state).where('id', '=', rig.world.ids.delivery).execute(),
    );
    await page.getByRole('button', { name: 'Prove it again' }).click();
    await page.getByText('Something is not accounted for').waitFor();
    await page.getByText(`delivery ${rig.world.ids.delivery}`).first().waitFor();
    await checkAxe(page, 'a broken rule');
    await checkNarrow(page, 'a broken rule');
  });
});
