// Who is signed in: sign-in and out, the one-time set-up, a session that ends while a form is open, the own password, tokens.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { setupEndpoints } from '@flowhook/contract/person/setup';
import { createLog } from '../../server/src/base/log.ts';
import { startApp } from '../../server/src/app.ts';
import { makeTestDatabase } from '../../server/test/database.ts';
import { makeClient } from '../../server/test/client.ts';
import { startServer, testConfig, testPassword, type TestServer } from '../../server/test/server.ts';
import { until } from '../../server/test/wait.ts';
import { buildWeb } from '../../../scripts/web-build.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { visit } from './visit.ts';

describe('a session in the browser', { skip: withoutBrowser }, () => {
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

  it('begins at the sign-in page and goes on to the page that was asked for; ends in the account menu', async () => {
    const tab = await visit(browser, server);
    const { page } = tab;
    await page.goto('/account/tokens?from=a-link');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Email').fill(server.author.email);
    await page.getByLabel('Password', { exact: true }).fill('not this one');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Access tokens' }).waitFor();
    assert.equal(new URL(page.url()).search, '?from=a-link');
    await page.getByRole('button', { name: /Account of/u }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.deepEqual(
      (await tab.context.cookies()).filter(({ name }) => name === 'flowhook_session'),
      [],
    );
    tab.forgive(/status of 401/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('never leads to another site after sign-in', async () => {
    const tab = await visit(browser, server, { person: server.author });
    for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/']) {
      await tab.page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await tab.page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
      assert.equal(new URL(tab.page.url()).origin, server.url);
    }
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('that ends is opened again over the page, and the form that was being filled is sent', async () => {
    const tab = await visit(browser, server, { person: server.author });
    const { page } = tab;
    await tab.open('/flows');
    await page.getByRole('button', { name: 'New flow' }).click();
    await page.getByLabel('Name').fill('Typed before the end');
    await page.getByLabel('Description').fill('and not lost');
    await tab.context.clearCookies();
    await page.getByRole('button', { name: 'Make the flow' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel('Email').inputValue(), server.author.email);
    await dialog.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Typed before the end' }).waitFor();
    const { data } = await server.author.call(flowEndpoints.list, { query: { filter: 'Typed before' } });
    assert.deepEqual(
      data.map(({ name, description }) => [name, description]),
      [['Typed before the end', 'and not lost']],
    );
    tab.forgive(/status of 401/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('changes the own password, with what is wrong at its field', async () => {
    const person = await server.addPerson('author');
    const tab = await visit(browser, server, { person });
    const { page } = tab;
    await tab.open('/account');
    const submit = page.getByRole('button', { name: 'Change the password' });
    await page.getByLabel('Current password').fill('not this one');
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByLabel('New password again').fill('other');
    await submit.click();
    await page.getByText('Must have at least 8 characters.').waitFor();
    await page.getByText('Is not the same as above.').waitFor();
    for (const label of ['New password', 'New password again'])
      await page.getByLabel(label, { exact: true }).fill('another good password');
    await submit.click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Current password').fill(testPassword);
    await submit.click();
    await page.getByText('The password is changed.').waitFor();
    tab.forgive(/status of 40[013]/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('makes an access token that is shown once and works, and revokes it; by keyboard alone', async () => {
    const person = await server.addPerson('author');
    const tab = await visit(browser, server, { person });
    const { page } = tab;
    await tab.open('/account/tokens');
    await page.getByRole('button', { name: 'New token' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('What it is for').waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('input[data-path="description"]'));
    await page.keyboard.type('The nightly report');
    await page.keyboard.press('Enter');
    const value = await page.getByRole('region', { name: 'Token' }).textContent();
    const client = server.client({ authorization: `Bearer ${value}` });
    assert.equal((await client.call(accessTokenEndpoints.list)).data.length, 2);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.ok(!(await page.content()).includes(value!));
    await page.getByRole('button', { name: 'Revoke The nightly report' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('The token is revoked.').waitFor();
    await client.refused(accessTokenEndpoints.list, 401);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });
});

describe('the one-time set-up', { skip: withoutBrowser }, () => {
  it('makes the first administrator by the printed link, once', async () => {
    const database = await makeTestDatabase('sqlite');
    const config = testConfig(database, { FLOWHOOK_ADMIN_EMAIL: '', FLOWHOOK_ADMIN_PASSWORD: '' });
    const app = await startApp(config, { log: createLog('silent') });
    const browser = await startBrowser();
    try {
      const tab = await visit(browser, { url: app.url } as TestServer);
      const { page } = tab;
      await page.goto(new URL(app.setupUrl!).pathname + new URL(app.setupUrl!).search);
      await page.getByLabel('Email').fill('ada@example.com');
      await page.getByLabel('Name').fill('Ada');
      await page.getByLabel('Password', { exact: true }).fill('a good password');
      await page.getByLabel('New password again').fill('a good password');
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.getByRole('button', { name: 'Account of Ada' }).waitFor();
      const nobody = makeClient(() => app.url, {});
      await until(async () => !(await nobody.call(setupEndpoints.get)).needed);
      await tab.context.clearCookies();
      await page.goto(app.setupUrl!);
      await page.getByText('This server is set up already.').waitFor();
    } finally {
      await browser.close();
      await app.stop();
      await database.remove();
    }
  });
});
