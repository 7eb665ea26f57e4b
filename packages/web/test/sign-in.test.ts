// Signing in: by password, by single sign-on and back, the one-time set-up; a session that ends over a form, the own password, tokens.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { setupEndpoints } from '@flowhook/contract/person/setup';
import { signInEndpoints, signInProblems } from '@flowhook/contract/person/sign-in';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { startApp } from '../../server/src/app.ts';
import { createLog } from '../../server/src/base/log.ts';
import { makeClient } from '../../server/test/client.ts';
import { makeTestDatabase } from '../../server/test/database.ts';
import { startProvider, testClient } from '../../server/test/oidc-provider.ts';
import { testPassword, testConfig, type TestServer } from '../../server/test/server.ts';
import { until } from '../../server/test/wait.ts';
import { signInText } from '../src/text/sign-in.ts';
import { checkBothSchemes, checkKeyboard, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeBareWorld } from './world.ts';

async function makeProviderWorld() {
  const provider = await startProvider();
  const world = await makeBareWorld({
    FLOWHOOK_OIDC_ISSUER: provider.issuer,
    FLOWHOOK_OIDC_CLIENT_ID: testClient.id,
    FLOWHOOK_OIDC_CLIENT_SECRET: testClient.secret,
    FLOWHOOK_OIDC_NAME: 'the test company',
  });
  provider.allow(`${world.server.url}${signInEndpoints.complete.path}`);
  return {
    ...world,
    provider,
    async stop() {
      await world.stop();
      await provider.stop();
    },
  };
}

describeInBrowser('the sign-in page', makeProviderWorld, (rig) => {
  const change = (body: object) => rig.server.administrator.call(workspaceEndpoints.changeSettings, { body });
  /** The provider is another host, and that is what single sign-on is. */
  const forgiveProvider = /request to another host: http:\/\/127\.0\.0\.1:\d+\/(?:auth|interaction)/u;

  it('leads to the provider and back to the page that was asked for', async () => {
    await change({ 'webapp.signIn.newPeople': 'author' });
    rig.world.provider.person = {
      sub: 'w-1',
      email: 'new@example.com',
      email_verified: true,
      name: 'New One',
    };
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto('/account/tokens?from=a-link');
    await page.getByRole('link', { name: 'Sign in with the test company' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor();
    assert.equal(new URL(page.url()).search, '?from=a-link');
    await page.getByRole('button', { name: 'Account of New One' }).waitFor();
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
  });

  it('opens an ended session again in a second window, and nothing that was typed is lost', async () => {
    await change({ 'webapp.signIn.newPeople': 'author' });
    rig.world.provider.person = {
      sub: 'w-4',
      email: 'returns@example.com',
      email_verified: true,
      name: 'Comes Back',
    };
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto('/sign-in?next=/flows');
    await page.getByRole('link', { name: 'Sign in with the test company' }).click();
    await page.getByRole('button', { name: 'New flow' }).click();
    await page.getByLabel('Name').fill('Typed before the end');
    const cookies = (await tab.context.cookies()).filter(({ name }) => name.startsWith('flowhook_session'));
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
  });

  it('offers no password in the dialog of an ended session to those who may not use one', async () => {
    await change({ 'webapp.signIn.passwords': 'administrators' });
    const tab = await rig.tabOf(null);
    const { page } = tab;
    rig.world.provider.person = {
      sub: 'w-4',
      email: 'returns@example.com',
      email_verified: true,
      name: 'Comes Back',
    };
    await page.goto('/sign-in?next=/flows');
    await page.getByRole('link', { name: 'Sign in with the test company' }).click();
    await page.getByRole('button', { name: 'New flow' }).waitFor();
    await tab.context.clearCookies({ name: /^flowhook_session/u });
    await page.getByRole('searchbox', { name: 'Search flows' }).fill('anything');
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByText('Everybody else signs in with the test company.').waitFor();
    assert.equal(await dialog.getByLabel('Password').count(), 0);
    await change({ 'webapp.signIn.passwords': 'all' });
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
  });

  it('says who has no account, who said no, and lets them begin again', async () => {
    await change({ 'webapp.signIn.newPeople': 'refused' });
    rig.world.provider.person = { sub: 'w-2', email: 'unknown@example.com', email_verified: true };
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto('/sign-in');
    const begin = page.getByRole('link', { name: 'Sign in with the test company' });
    await begin.click();
    await page.getByRole('alert').filter({ hasText: 'You have no account here yet.' }).waitFor();
    rig.world.provider.person = { ...rig.world.provider.person, email_verified: false };
    await begin.click();
    await page.getByRole('alert').filter({ hasText: 'does not vouch for your email address' }).waitFor();
    // Whoever is signed in at the provider is not asked there again.
    await tab.context.clearCookies();
    rig.world.provider.person = null;
    await begin.click();
    await page.getByRole('alert').filter({ hasText: 'refused or broken off' }).waitFor();
    tab.forgive(/status of 401/u);
    tab.forgive(forgiveProvider);
  });

  it('has a sentence for each problem and none for what it does not know', async () => {
    const tab = await rig.tabOf(null);
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
  });

  it('says that passwords are for administrators, who still come in by them', async () => {
    await change({ 'webapp.signIn.passwords': 'administrators' });
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto('/sign-in');
    await page.getByText('Everybody else signs in with the test company.').waitFor();
    await page.getByLabel('Email').fill(rig.server.author.email);
    await page.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'single sign-on' }).waitFor();
    await page.getByLabel('Email').fill(rig.server.administrator.email);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Account of/u }).waitFor();
    await change({ 'webapp.signIn.passwords': 'all' });
    tab.forgive(/status of 401/u);
  });
});

describeInBrowser('a session in the browser', makeProviderWorld, (rig) => {
  it('begins at the sign-in page and goes on to the page that was asked for; ends in the account menu', async () => {
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto('/account/tokens?from=a-link');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Email').fill(rig.server.author.email);
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
      (await tab.context.cookies()).filter(({ name }) => name.startsWith('flowhook_session')),
      [],
    );
    await page.getByLabel('Email').fill(rig.server.author.email);
    await page.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Account of/u }).waitFor();
    tab.forgive(/status of 401/u);
  });

  it('goes on where the app did not come, and asks again where the server did not answer', async () => {
    const tab = await rig.tabOf(null);
    const { page } = tab;
    const again = page.getByRole('button', { name: 'Try again' });
    const [session, app] = [/\/v4\/sessions\/current$/u, /\/app-[^/]+\.js$/u];
    await page.route(session, (route) => route.abort());
    await page.goto('/flows');
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    await page.unroute(session);
    await again.click();
    await page.getByLabel('Email').waitFor();
    await page.route(app, (route) => route.abort());
    await page.getByLabel('Email').fill(rig.server.author.email);
    await page.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.unroute(app);
    await again.click();
    await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor();
    tab.forgive(/status of 401|ERR_FAILED|dynamically imported module/u);
  });

  it('fetches nothing of the app before somebody types, and that before the password is sent', async () => {
    const tab = await rig.tabOf(null);
    const { page } = tab;
    const scripts: string[] = [];
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname);
    });
    await page.goto('/jobs?filter=wanted');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.waitForLoadState('networkidle');
    const isOfApp = (path: string) => /\/app-[^/]+\.js$/u.test(path);
    assert.ok(scripts.length > 3 && scripts.length < 10, scripts.join(' '));
    assert.ok(!scripts.some(isOfApp), scripts.join(' '));
    await page.getByLabel('Email').fill(rig.server.author.email);
    await until(async () => scripts.some(isOfApp), 'the app is fetched');
    await page.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    assert.equal(new URL(page.url()).search, '?filter=wanted');
    tab.forgive(/status of 401/u);
  });

  it('is asked for what the server wants of its fields, with the focus at the first', async () => {
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Must not be empty.').nth(1).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('input[name="email"]'));
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.keyboard.type('a');
    await page.getByText('Must not be empty.').nth(1).waitFor({ state: 'detached' });
    tab.forgive(/status of 40[01]/u);
  });

  it('has an account menu that gives the focus back, also the first time', async () => {
    const { page } = await rig.open('/flows');
    const button = page.getByRole('button', { name: /Account of/u });
    assert.equal(await button.getAttribute('aria-haspopup'), 'menu');
    for (let time = 0; time < 2; time += 1) {
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await page.waitForFunction(() => document.activeElement?.getAttribute('aria-haspopup') === 'menu');
    }
  });

  it('never leads to another site after sign-in', async () => {
    const tab = await rig.tabOf(rig.server.author);
    for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/']) {
      await tab.page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await tab.page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
      assert.equal(new URL(tab.page.url()).origin, rig.server.url);
    }
  });

  it('that ends is opened again over the page, and the form that was being filled is sent', async () => {
    const tab = await rig.open('/flows');
    const { page } = tab;
    await page.getByRole('button', { name: 'New flow' }).click();
    await page.getByLabel('Name').fill('Typed before the end');
    await page.getByLabel('Description').fill('and not lost');
    await tab.context.clearCookies();
    await page.getByRole('button', { name: 'Make the flow' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel('Email').inputValue(), rig.server.author.email);
    await dialog.getByLabel('Password', { exact: true }).fill(testPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Typed before the end' }).waitFor();
    const { data } = await rig.server.author.call(flowEndpoints.list, { query: { filter: 'Typed before' } });
    assert.deepEqual(
      data.map(({ name, description }) => [name, description]),
      [['Typed before the end', 'and not lost']],
    );
    tab.forgive(/status of 401/u);
  });

  it('changes the own password, with what is wrong at its field', async () => {
    const person = await rig.server.addPerson('author');
    const tab = await rig.open('/account', person);
    const { page } = tab;
    const submit = page.getByRole('button', { name: 'Change the password' });
    await page.getByLabel('Current password').fill('not this one');
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByLabel('The same password again').fill('other');
    await submit.click();
    await page.getByText('Must have at least 8 characters.').waitFor();
    await page.getByText('Is not the same as above.').waitFor();
    for (const label of ['New password', 'The same password again'])
      await page.getByLabel(label, { exact: true }).fill('another good password');
    await submit.click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Current password').fill(testPassword);
    await submit.click();
    await page.getByText('The password is changed.').waitFor();
    tab.forgive(/status of 40[013]/u);
  });

  it('makes an access token that is shown once and works, and revokes it; by keyboard alone', async () => {
    const person = await rig.server.addPerson('author');
    const { page } = await rig.open('/account/tokens', person);
    await page.getByRole('button', { name: 'New token' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('What it is for').waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('input[data-path="description"]'));
    await page.keyboard.type('The nightly report');
    await page.keyboard.press('Enter');
    const value = await page.getByRole('region', { name: 'Token' }).textContent();
    const client = rig.server.client({ authorization: `Bearer ${value}` });
    assert.equal((await client.call(accessTokenEndpoints.list)).data.length, 2);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.ok(!(await page.content()).includes(value!));
    await page.getByRole('button', { name: 'Revoke The nightly report' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).press('Enter');
    await page.getByText('The token is revoked.').waitFor();
    await client.refused(accessTokenEndpoints.list, 401);
  });
});

async function makeUnsetWorld() {
  const database = await makeTestDatabase('sqlite');
  const config = testConfig(database, { FLOWHOOK_ADMIN_EMAIL: '', FLOWHOOK_ADMIN_PASSWORD: '' });
  const app = await startApp(config, { log: createLog('silent') });
  return {
    server: { url: app.url } as TestServer,
    app,
    async stop() {
      await app.stop();
      await database.remove();
    },
  };
}

describeInBrowser('the one-time set-up', makeUnsetWorld, (rig) => {
  it('makes the first administrator by the printed link, once', async () => {
    const { app } = rig.world;
    const tab = await rig.tabOf(null);
    const { page } = tab;
    await page.goto(new URL(app.setupUrl!).pathname + new URL(app.setupUrl!).search);
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Password', { exact: true }).fill('a good password');
    await page.getByLabel('The same password again').fill('a good password');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('button', { name: 'Account of Ada' }).waitFor();
    const nobody = makeClient(() => app.url, {});
    await until(async () => !(await nobody.call(setupEndpoints.get)).needed);
    await tab.context.clearCookies();
    await page.goto(app.setupUrl!);
    await page.getByText('This server is set up already.').waitFor();
    tab.forgive(/status of 401/u);
  });
});
