// Settings: each is changed and holds, faults stand at their fields, who changed what is shown; the policy is asked; the key is changed.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { environmentParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { pages } from '../src/router/page-list.ts';
import { environmentText } from '../src/text/schedule.ts';
import { checkBothSchemes, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeWorld } from './world.ts';

async function checkColours(page: Page, about: string): Promise<void> {
  await checkBothSchemes(page, about);
  await checkNarrow(page, about);
}

describeInBrowser('settings', makeWorld, (rig) => {
  const open = (address: string) => rig.open(address, rig.server.administrator);
  const read = () => rig.server.administrator.call(workspaceEndpoints.settings);

  it('lead to every page under them', async () => {
    const tab = await open('/settings');
    const links = tab.page.getByRole('navigation', { name: 'Parts of the settings' }).getByRole('link');
    const hrefs = await links.evaluateAll((all) =>
      all.map((link) => new URL((link as HTMLAnchorElement).href).pathname),
    );
    const paths = pages.map(({ path }) => path).filter((path) => path.startsWith('/settings'));
    assert.deepEqual(new Set(hrefs), new Set(paths));
    await tab.page.getByRole('link', { name: 'Retention' }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'Retention' }).waitFor();
    const current = await links.evaluateAll(
      (all) => all.filter((link) => link.ariaCurrent === 'page').length,
    );
    assert.equal(current, 1);
  });

  it('are not for authors', async () => {
    const tab = await rig.open('/settings/egress');
    await tab.page.getByRole('heading', { name: 'You may not see this' }).waitFor();
    assert.equal(await tab.page.getByRole('link', { name: 'Settings' }).count(), 0);
  });

  it('of webhooks are saved, with waits in any unit, and say who changed them', async () => {
    const tab = await open('/settings');
    const { page } = tab;
    await page.getByText('8 attempts, the last one 14 hrs 12 mins after the first.').waitFor();
    await page.getByLabel('Wait before attempt 2', { exact: true }).fill('1.5');
    await page.getByLabel('Unit of Wait before attempt 2').selectOption('minutes');
    await page.getByRole('button', { name: 'Remove the wait before attempt 8' }).click();
    await page.getByLabel('Time limit of an attempt', { exact: true }).fill('nothing');
    await page.getByLabel('Webhook tasks per flow').fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Must be a number.').waitFor();
    await page.getByText('Must be at least 1.').waitFor();
    assert.equal((await read())['webapp.webhookSettings.timeLimit'], 30);
    await page.getByLabel('Time limit of an attempt', { exact: true }).fill('20');
    await page.getByLabel('Webhook tasks per flow').fill('7');
    await page.getByRole('switch', { name: 'Webhooks fire' }).click();
    await page.getByText('No webhook task fires now.').waitFor();
    await checkColours(page, 'webhooks off');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings are saved.').waitFor();
    const settings = await read();
    assert.deepEqual(settings['webapp.webhookSettings.retrySchedule'], [90, 30, 120, 600, 3600, 10_800]);
    assert.equal(settings['webapp.webhookSettings.timeLimit'], 20);
    assert.equal(settings['webapp.webhookSettings.tasksPerFlow'], 7);
    assert.equal(settings['webapp.webhookSettings.enabled'], false);
    await page.getByText('Last changed by The administrator').nth(3).waitFor();
    await page.getByRole('switch', { name: 'Webhooks fire' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.getByText('No webhook task fires now.').waitFor({ state: 'detached' });
  });

  it('of egress warn of an open host, refuse what is no expression, and the policy says why', async () => {
    const tab = await open('/settings/egress');
    const { page } = tab;
    await page.getByRole('button', { name: 'Add to Allowed URL expressions' }).click();
    const second = page.getByLabel('Allowed URL expressions, 2', { exact: true });
    await second.fill(String.raw`^https://example\.com`);
    await page.getByText('These expressions open more than one host:').waitFor();
    await checkColours(page, 'a warning');
    await second.fill('(');
    await page.getByLabel('Forbidden addresses').fill('10.0.0.0/8\nnonsense');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('"nonsense" is no IPv4 or IPv6 address').first().waitFor();
    await page.getByText('"(" is no expression').first().waitFor();
    await page.getByRole('button', { name: 'Remove Allowed URL expressions, 2' }).click();
    await page.getByLabel('Forbidden addresses').fill('10.0.0.0/8\nnot-public');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings are saved.').waitFor();
    assert.equal((await read())['webapp.webhookSettings.forbiddenIPs'], '10.0.0.0/8;not-public');

    await page.getByLabel('URL', { exact: true }).fill('http://10.1.2.3/hook');
    await page.keyboard.press('Enter');
    await page.getByText('It would not be called').waitFor();
    await page.getByText('not_public').waitFor();
    await checkColours(page, 'a refusal');
    assert.equal(new URL(page.url()).searchParams.get('url'), 'http://10.1.2.3/hook');
    await page.getByLabel('URL', { exact: true }).fill(`${rig.world.receiver.origin}/jobs`);
    await page.getByRole('button', { name: 'Ask the policy' }).click();
    await page.getByText('It would be called').waitFor();

    // From a refusal in the editor of a task an administrator comes here.
    await page.goto(`/flows/${rig.world.ids.flow}?panel=webhooks`);
    await page.getByRole('button', { name: 'Create webhook task' }).click();
    const editor = page.getByRole('dialog', { name: 'New webhook task' });
    await editor.getByLabel('URL', { exact: true }).fill('http://10.1.2.3/hook');
    await editor.getByText('Would be refused').waitFor();
    await editor.getByRole('link', { name: 'Open Settings, Egress' }).click();
    await page.getByRole('heading', { name: 'Would this URL be called?' }).waitFor();
    tab.forgive(/status of 400/u);
  });

  it('of sign-in warn of a lock-out, and name the domain at fault', async () => {
    const tab = await open('/settings/sign-in');
    const { page } = tab;
    await page.getByText('FLOWHOOK_OIDC_ISSUER').waitFor();
    await page.getByRole('radio', { name: 'Administrators alone' }).check();
    await page.getByText('only administrators could still sign in').waitFor();
    await page.getByRole('radio', { name: 'Everybody' }).check();
    await page.getByRole('radio', { name: 'They get an account as viewers' }).check();
    await page.getByRole('button', { name: 'Add to Domains' }).press('Enter');
    await page.waitForFunction(() => document.activeElement?.matches('input[data-path="domains.0"]'));
    await page.keyboard.type('not a domain');
    await page.keyboard.press('Enter');
    await page.getByText('Must be a domain, as example.com').waitFor();
    await page.getByLabel('Domains, 1', { exact: true }).fill('example.org');
    await page.keyboard.press('Enter');
    await page.getByText('The settings are saved.').waitFor();
    const settings = await read();
    assert.equal(settings['webapp.signIn.newPeople'], 'viewer');
    assert.deepEqual(settings['webapp.signIn.emailDomains'], ['example.org']);
    assert.equal(settings['webapp.signIn.passwords'], 'all');
  });

  it('of retention say that what is older goes for good', async () => {
    const tab = await open('/settings/retention');
    const { page } = tab;
    await page.getByLabel('Events, deliveries and attempts are kept for').fill('30');
    await page.getByText('What is older is removed for good').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('The settings are saved.').waitFor();
    assert.equal((await read())['webapp.retentionDays'], 30);
    await page.getByText('Last changed by The administrator').waitFor();
  });

  it('have the values that every flow may use', async () => {
    const tab = await open('/settings/environment');
    const { page } = tab;
    await page.getByRole('button', { name: environmentText.create }).first().press('Enter');
    const dialog = page.getByRole('dialog', { name: environmentText.create });
    await dialog.getByLabel(environmentText.key).fill('env.region');
    await dialog.getByLabel(environmentText.value, { exact: true }).fill('north');
    await page.keyboard.press('Enter');
    const row = page.getByRole('row').filter({ hasText: 'env.region' });
    await row.getByText('north').waitFor();
    const { data } = await rig.server.author.call(environmentParameterEndpoints.list, {});
    assert.deepEqual(
      data.map(({ overrideKey, value }) => [overrideKey, value]),
      [['env.region', 'north']],
    );
    await row.getByRole('button', { name: environmentText.removeOf('env.region') }).click();
    await page.getByRole('dialog').getByRole('button', { name: environmentText.remove }).click();
    await page.getByRole('heading', { name: environmentText.emptyTitle }).waitFor();
  });

  it('change the encryption key after a confirmation, and say what came of it', async () => {
    const tab = await open('/settings/encryption-key');
    const { page } = tab;
    await page.getByText('It was not changed yet.').waitFor();
    await page.getByRole('button', { name: 'Change the key' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Change the encryption key?' });
    await dialog.getByText('Every stored secret is sealed anew').waitFor();
    await dialog.getByRole('button', { name: 'Change the key' }).click();
    const said = page.getByRole('status').filter({ hasText: 'The key is changed.' });
    await said.waitFor();
    assert.match((await said.textContent())!, /Secrets sealed anew[1-9]/u);
    await page.getByText('Last changed by The administrator').waitFor();
  });
});
