// People under Settings: made, changed, with a new password, removed with what they own given away; the last administrator stays.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { personEndpoints } from '@flowhook/contract/person/person';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { buildWeb } from '../../../scripts/web-build.ts';
import { scheduleOf } from '../../server/test/role-table.ts';
import { startServer, testPassword, type TestServer } from '../../server/test/server.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { checkAxe, checkNarrow } from './look.ts';
import { visit } from './visit.ts';

describe('people', { skip: withoutBrowser }, () => {
  let server: TestServer;
  let browser: Browser;
  before(async () => {
    buildWeb();
    server = await startServer('sqlite');
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const open = async (address = '/settings/people') => {
    const tab = await visit(browser, server, { person: server.administrator });
    await tab.open(address);
    return tab;
  };

  it('are made, with what is wrong at its field, by keyboard alone', async () => {
    const tab = await open();
    const { page } = tab;
    await page.getByRole('button', { name: 'New person' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New person' });
    await dialog.getByLabel('Name').waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('input[data-path="name"]'));
    await page.keyboard.type('Grace');
    await page.keyboard.press('Tab');
    await page.keyboard.type(server.author.email);
    await page.keyboard.press('Enter');
    await dialog.getByText('Is taken.').waitFor();
    await dialog.getByLabel('Email').fill('grace@example.com');
    await dialog.getByLabel('Role').selectOption('Viewer');
    await dialog.getByLabel('First password').fill('short');
    await page.keyboard.press('Enter');
    await dialog.getByText('Must have at least 8 characters.').waitFor();
    await dialog.getByLabel('First password').fill('a good password');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /Grace/u }).getByText('Viewer').waitFor();
    const body = { email: 'grace@example.com', password: 'a good password' };
    assert.equal((await server.nobody.call(sessionEndpoints.create, { body })).person.role, 'viewer');
    tab.forgive(/status of 409/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('are found, changed, and get a new password', async () => {
    const person = await server.addPerson('viewer');
    const tab = await open();
    const { page } = tab;
    await page.getByRole('searchbox', { name: 'Search people' }).fill(person.email);
    await page.getByRole('row', { name: /first@example/u }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'What can be done with The viewer' }).click();
    await page.getByRole('menuitem', { name: 'Change', exact: true }).click();
    const change = page.getByRole('dialog', { name: 'Change The viewer' });
    await change.getByLabel('Name').fill('Ada');
    await change.getByLabel('Role').selectOption('Author');
    await change.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Ada/u }).getByText('Author').waitFor();
    await page.getByRole('button', { name: 'What can be done with Ada' }).click();
    await page.getByRole('menuitem', { name: 'Reset the password' }).click();
    const reset = page.getByRole('dialog', { name: 'Reset the password of Ada?' });
    await reset.getByLabel('New password').fill('quite another one');
    await reset.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Ada signs in with the new password from now on.').waitFor();
    const { email } = person;
    await server.nobody.refused(sessionEndpoints.create, 401, { body: { email, password: testPassword } });
    await server.nobody.call(sessionEndpoints.create, { body: { email, password: 'quite another one' } });
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('are removed after their things were given to somebody, which is asked and shown', async () => {
    const person = await server.addPerson('author');
    const { id } = await person.call(flowEndpoints.create, { body: { name: 'Left behind' } });
    await person.call(scheduleEndpoints.create, { body: scheduleOf(id) });
    await person.call(flowEndpoints.create, { body: { name: 'Without a schedule' } });
    const tab = await open(`/settings/people?filter=${person.email}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with The author' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove The author?' });
    await dialog.getByText('Flow “Left behind”, with 1 schedule').waitFor();
    await dialog.getByText('Flow “Without a schedule”', { exact: true }).waitFor();
    await dialog.getByText('The schedule goes on, with the rights of the new owner.').waitFor();
    await dialog.getByText('access tokens: test').waitFor();
    await checkAxe(page, 'removal');
    await checkNarrow(page, 'removal');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('Choose who gets them.').waitFor();
    const owner = dialog.getByLabel('New owner');
    const options = await owner.getByRole('option').allTextContents();
    assert.ok(!options.some((text) => text.includes(person.email) || text.includes(server.viewer.email)));
    await owner.selectOption(`The author (${server.author.email})`);
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await server.administrator.refused(personEndpoints.get, 404, { params: { id: person.id } });
    const flow = await server.author.call(flowEndpoints.get, { params: { id } });
    assert.equal(flow.name, 'Left behind');
    // What goes with a person is read again when people change: by then this one is gone.
    tab.forgive(/status of 404 .*\/removal/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('always keep the last administrator, and say why', async () => {
    const { data } = await server.administrator.call(personEndpoints.list, { query: { sort: 'role' } });
    const others = data.filter(({ id, role }) => role === 'administrator' && id !== server.administrator.id);
    for (const { id } of others) await server.administrator.call(personEndpoints.remove, { params: { id } });
    const tab = await open();
    const { page } = tab;
    await page.getByText('the last administrator').waitFor();
    await page.getByRole('button', { name: 'What can be done with The administrator' }).click();
    const remove = page.getByRole('menuitem', { name: 'Remove' });
    assert.equal(await remove.isDisabled(), true);
    await page.getByText('This is the last administrator: make somebody else').waitFor();
    await page.getByRole('menuitem', { name: 'Change', exact: true }).click();
    assert.equal(await page.getByRole('dialog').getByLabel('Role').isDisabled(), true);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });
});
