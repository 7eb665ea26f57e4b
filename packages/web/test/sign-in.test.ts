// The sign-in page: single sign-on through a real provider and back, a sentence for each problem, who may use a password.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { signInEndpoints, signInProblems } from '@flowhook/contract/person/sign-in';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { buildWeb } from '../../../scripts/web-build.ts';
import { startProvider, testClient, type TestProvider } from '../../server/test/oidc-provider.ts';
import { startServer, testPassword, type TestServer } from '../../server/test/server.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { checkBothSchemes, checkKeyboard, checkNarrow } from './look.ts';
import { visit } from './visit.ts';
import { signInText } from '../src/text/sign-in.ts';

describe('the sign-in page', { skip: withoutBrowser }, () => {
  let provider: TestProvider;
  let server: TestServer;
  let browser: Browser;
  before(async () => {
    buildWeb();
    provider = await startProvider();
    server = await startServer('sqlite', {
      FLOWHOOK_OIDC_ISSUER: provider.issuer,
      FLOWHOOK_OIDC_CLIENT_ID: testClient.id,
      FLOWHOOK_OIDC_CLIENT_SECRET: testClient.secret,
      FLOWHOOK_OIDC_NAME: 'the test company',
    });
    provider.allow(`${server.url}${signInEndpoints.complete.path}`);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await provider?.stop();
  });
  const change = (body: object) => server.administrator.call(workspaceEndpoints.changeSettings, { body });
  /** The provider is another host, and that is what single sign-on is. */
  const forgiveProvider = /request to another host: http:\/\/127\.0\.0\.1:\d+\/(?:auth|interaction)/u;

  it('leads to the provider and back to the page that was asked for', async () => {
    await change({ 'webapp.signIn.newPeople': 'author' });
    provider.person = { sub: 'w-1', email: 'new@example.com', email_verified: true, name: 'New One' };
    const tab = await visit(browser, server);
    const { page } = tab;
    await page.goto('/account/tokens?from=a-link');
    await page.getByRole('link', { name: 'Sign in with the test company' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor();
    assert.equal(new URL(page.url()).search, '?from=a-link');
    await page.getByRole('button', { name: 'Account of New One' }).waitFor();
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('opens an ended session again in a second window, and nothing that was typed is lost', async () => {
    await change({ 'webapp.signIn.newPeople': 'author' });
    provider.person = { sub: 'w-4', email: 'returns@example.com', email_verified: true, name: 'Comes Back' };
    const tab = await visit(browser, server);
    const { page } = tab;
    await page.goto('/sign-in?next=/flows');
    await page.getByRole('link', { name: 'Sign in with the test company' }).click();
    await page.getByRole('button', { name: 'New flow' }).click();
    await page.getByLabel('Name').fill('Typed before the end');
    const cookies = (await tab.context.cookies()).filter(({ name }) => name === 'flowhook_session');
    for (const { name } of cookies) await tab.context.clearCookies({ name });
    await page.getByRole('button', { name: 'Make the flow' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    const link = dialog.getByRole('link', { name: 'Sign in with the test company' });
    await link.waitFor();
    await checkBothSchemes(page, 'the dialog of an ended session');
    await checkNarrow(page, 'the dialog of an ended session');
    const [second] = await Promise.all([tab.context.waitForEvent('page'), link.click()]);
    await second.getByRole('heading', { name: 'You are signed in again' }).waitFor();
    await page.getByRole('heading', { level: 1, name: 'Typed before the end' }).waitFor();
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('offers no password in the dialog of an ended session to those who may not use one', async () => {
    await change({ 'webapp.signIn.passwords': 'administrators' });
    const tab = await visit(browser, server);
    const { page } = tab;
    provider.person = { sub: 'w-4', email: 'returns@example.com', email_verified: true, name: 'Comes Back' };
    await page.goto('/sign-in?next=/flows');
    await page.getByRole('link', { name: 'Sign in with the test company' }).click();
    await page.getByRole('button', { name: 'New flow' }).waitFor();
    await tab.context.clearCookies({ name: 'flowhook_session' });
    await page.getByRole('searchbox', { name: 'Search flows' }).fill('anything');
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByText('Everybody else signs in with the test company.').waitFor();
    assert.equal(await dialog.getByLabel('Password').count(), 0);
    await change({ 'webapp.signIn.passwords': 'all' });
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('says who has no account, who said no, and lets them begin again', async () => {
    await change({ 'webapp.signIn.newPeople': 'refused' });
    provider.person = { sub: 'w-2', email: 'unknown@example.com', email_verified: true };
    const tab = await visit(browser, server);
    const { page } = tab;
    await page.goto('/sign-in');
    const begin = page.getByRole('link', { name: 'Sign in with the test company' });
    await begin.click();
    await page.getByRole('alert').filter({ hasText: 'You have no account here yet.' }).waitFor();
    provider.person = { ...provider.person, email_verified: false };
    await begin.click();
    await page.getByRole('alert').filter({ hasText: 'does not vouch for your email address' }).waitFor();
    // Whoever is signed in at the provider is not asked there again.
    await tab.context.clearCookies();
    provider.person = null;
    await begin.click();
    await page.getByRole('alert').filter({ hasText: 'refused or broken off' }).waitFor();
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('has a sentence for each problem and none for what it does not know', async () => {
    const tab = await visit(browser, server);
    const { page } = tab;
    for (const problem of signInProblems) {
      await page.goto(`/sign-in?problem=${problem}`);
      await page.getByRole('alert').filter({ hasText: signInText.problems[problem] }).waitFor();
    }
    await checkBothSchemes(page, 'a problem');
    await checkKeyboard(page, 'a problem');
    await checkNarrow(page, 'a problem');
    await page.goto('/sign-in?problem=%3Cb%3Emade+up');
    await page.getByRole('link', { name: 'Sign in with the test company' }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    tab.forgive(/status of 401/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('says that passwords are for administrators, who still come in by them', async () => {
    await change({ 'webapp.signIn.passwords': 'administrators' });
    const tab = await visit(browser, server);
    const { page } = tab;
    await page.goto('/sign-in');
    await page.getByText('Everybody else signs in with the test company.').waitFor();
    await page.getByLabel('Email').fill(server.author.email);
    await page.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'single sign-on' }).waitFor();
    await page.getByLabel('Email').fill(server.administrator.email);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Account of/u }).waitFor();
    await change({ 'webapp.signIn.passwords': 'all' });
    tab.forgive(/status of 401/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });
});
