// Single sign-on against a real provider, as a browser is sent through it; and who may still use a password.
import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { personEndpoints } from '@flowhook/contract/person/person';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { signInEndpoints } from '@flowhook/contract/person/sign-in';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { request } from 'undici';
import { describeOnBoth } from '../../test/database.ts';
import { startProvider, testClient, type TestProvider } from '../../test/oidc-provider.ts';
import { startServer, testPassword, type TestServer } from '../../test/server.ts';

/** Follows redirects as a browser does, with a jar of cookies for each origin; gives where it ends. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  header(origin: string): string {
    return [...this.cookies(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Stops before the address that `until` knows, and gives it. */
  async go(start: string, until: (url: URL) => boolean = () => false): Promise<URL> {
    let url = new URL(start);
    for (let hops = 0; hops < 20; hops += 1) {
      if (until(url)) return url;
      const answer = await request(url, { headers: { cookie: this.header(url.origin) } });
      await answer.body.text();
      this.#keep(url.origin, [answer.headers['set-cookie'] ?? []].flat());
      const next = answer.headers['location'];
      if (next === undefined) return url;
      url = new URL(String(next), url);
    }
    throw new Error('redirected without end');
  }

  #keep(origin: string, written: readonly string[]): void {
    for (const line of written) {
      const [pair] = line.split(';');
      const at = pair!.indexOf('=');
      if (/expires=Thu, 01 Jan 1970/iu.test(line)) this.cookies(origin).delete(pair!.slice(0, at));
      else this.cookies(origin).set(pair!.slice(0, at), pair!.slice(at + 1));
    }
  }
}

describeOnBoth('single sign-on', (_, dialect) => {
  let provider: TestProvider;
  let server: TestServer;

  before(async () => {
    provider = await startProvider();
    server = await startServer(dialect, {
      FLOWHOOK_OIDC_ISSUER: provider.issuer,
      FLOWHOOK_OIDC_CLIENT_ID: testClient.id,
      FLOWHOOK_OIDC_CLIENT_SECRET: testClient.secret,
      FLOWHOOK_OIDC_NAME: 'The test provider',
    });
    provider.allow(`${server.url}${signInEndpoints.complete.path}`);
  });
  after(async () => {
    await server.stop();
    await provider.stop();
  });
  beforeEach(() => change({ 'webapp.signIn.newPeople': 'author', 'webapp.signIn.emailDomains': [] }));

  const change = (body: object) => server.administrator.call(workspaceEndpoints.changeSettings, { body });
  const begin = (path = '') => `${server.url}${signInEndpoints.begin.path}${path}`;
  const isBack = (url: URL) => url.origin === server.url && !url.pathname.startsWith('/v4/');
  const signIn = async (browser = new Browser(), path = '') => ({
    browser,
    place: await browser.go(begin(path), isBack),
  });
  const who = (browser: Browser) =>
    server.client({ cookie: browser.header(server.url) }).call(sessionEndpoints.get);
  const problemOf = ({ place }: { place: URL }) => place.searchParams.get('problem');

  it('says that it is there', async () => {
    const ways = await server.nobody.call(signInEndpoints.ways);
    assert.deepEqual(ways, { passwords: 'all', singleSignOn: { name: 'The test provider' } });
  });

  it('makes an account for who comes the first time, and knows them the second time', async () => {
    provider.person = { sub: 'p-1', email: 'New.One@example.com', email_verified: true, name: 'New One' };
    const first = await signIn(new Browser(), '?returnTo=/flows/7%3Frecipe=2');
    assert.equal(first.place.href, `${server.url}/flows/7?recipe=2`);
    const { person, via } = await who(first.browser);
    assert.deepEqual(
      [person.email, person.name, person.role, via],
      ['new.one@example.com', 'New One', 'author', 'session'],
    );

    // The address at the provider may change: the subject is who it is.
    provider.person = { sub: 'p-1', email: 'renamed@example.com', email_verified: true };
    assert.equal((await who((await signIn()).browser)).person.id, person.id);
  });

  it('links an account by a verified address, and by no other', async () => {
    const { author } = server;
    provider.person = { sub: 'p-2', email: author.email };
    assert.equal(problemOf(await signIn()), 'email_not_verified');
    provider.person = { sub: 'p-2', email: author.email, email_verified: false };
    assert.equal(problemOf(await signIn()), 'email_not_verified');
    provider.person = { sub: 'p-2', email: author.email.toUpperCase(), email_verified: true };
    assert.equal((await who((await signIn()).browser)).person.id, author.id);
  });

  it('gives an account to one subject of a provider, and an administrator’s to none by address', async () => {
    const { author, administrator } = server;
    provider.person = { sub: 'p-2-again', email: author.email, email_verified: true };
    assert.equal(problemOf(await signIn()), 'other_subject');
    provider.person = { sub: 'p-2', email: author.email, email_verified: true };
    assert.equal((await who((await signIn()).browser)).person.id, author.id);
    provider.person = { sub: 'p-admin', email: administrator.email, email_verified: true };
    assert.equal(problemOf(await signIn()), 'administrator_by_address');
  });

  it('takes no id token whose signature is wrong', async () => {
    provider.person = { sub: 'p-forged', email: 'forged@example.com', email_verified: true };
    provider.forging = true;
    assert.equal(problemOf(await signIn()), 'answer_invalid');
    provider.forging = false;
    assert.equal((await who((await signIn()).browser)).person.email, 'forged@example.com');
  });

  it('refuses whom the rules refuse, and makes no account for them', async () => {
    await change({ 'webapp.signIn.newPeople': 'refused' });
    provider.person = { sub: 'p-3', email: 'p3@example.com', email_verified: true };
    assert.equal(problemOf(await signIn()), 'no_account');
    await change({ 'webapp.signIn.newPeople': 'viewer', 'webapp.signIn.emailDomains': ['Example.ORG'] });
    assert.equal(problemOf(await signIn()), 'domain_refused');
    provider.person = { sub: 'p-3' };
    assert.equal(problemOf(await signIn()), 'email_missing');
    const query = { filter: 'p3@', filterFields: 'email' };
    assert.deepEqual((await server.administrator.call(personEndpoints.list, { query })).data, []);
    provider.person = { sub: 'p-3', email: 'p3@example.org', email_verified: true };
    assert.equal((await who((await signIn()).browser)).person.role, 'viewer');
  });

  it('gives a person who was removed no way back into the old account', async () => {
    provider.person = { sub: 'p-4', email: 'p4@example.com', email_verified: true };
    const { browser } = await signIn();
    const { person } = await who(browser);
    await server.administrator.call(personEndpoints.remove, { params: { id: person.id } });
    await server.client({ cookie: browser.header(server.url) }).refused(sessionEndpoints.get, 401);
    await change({ 'webapp.signIn.newPeople': 'refused' });
    assert.equal(problemOf(await signIn()), 'no_account');
    await change({ 'webapp.signIn.newPeople': 'author' });
    assert.notEqual((await who((await signIn()).browser)).person.id, person.id);
  });

  it('says so where the person says no at the provider', async () => {
    provider.person = null;
    assert.equal(problemOf(await signIn()), 'provider_refused');
  });

  it('takes an answer only from the browser that asked, once, unchanged, and in time', async () => {
    provider.person = { sub: 'p-5', email: 'p5@example.com', email_verified: true };
    const browser = new Browser();
    const isAnswer = (url: URL) => url.pathname === signInEndpoints.complete.path;
    const answer = await browser.go(begin(), isAnswer);
    assert.equal(problemOf({ place: await new Browser().go(answer.href, isBack) }), 'expired');

    const forged = new URL(answer);
    forged.searchParams.set('state', 'another');
    assert.equal(problemOf({ place: await browser.go(forged.href, isBack) }), 'answer_invalid');
    // What was kept is gone with the first try.
    assert.equal(problemOf({ place: await browser.go(answer.href, isBack) }), 'expired');
    await server.client({ cookie: browser.header(server.url) }).refused(sessionEndpoints.get, 401);
  });

  it('leads to no other site afterwards', async () => {
    provider.person = { sub: 'p-6', email: 'p6@example.com', email_verified: true };
    for (const to of [
      '//evil.example',
      'https://evil.example',
      String.raw`/\evil.example`,
      'flows',
      '/a%0d%0ab',
    ])
      assert.equal((await signIn(new Browser(), `?returnTo=${to}`)).place.href, `${server.url}/`, to);
  });

  it('leaves passwords to administrators where the rule says so, Basic included', async () => {
    const { author, administrator } = server;
    const basic = (email: string) =>
      server.client({ authorization: `Basic ${Buffer.from(`${email}:${testPassword}`).toString('base64')}` });
    // Remembered by now: the rule must hold for it all the same.
    await basic(author.email).call(personEndpoints.current);
    await change({ 'webapp.signIn.passwords': 'administrators' });
    const body = { email: author.email, password: testPassword };
    const { detail } = await server.nobody.refused(sessionEndpoints.create, 401, { body });
    assert.match(detail, /single sign-on/u);
    await basic(author.email).refused(personEndpoints.current, 401);
    await basic(administrator.email).call(personEndpoints.current);
    await author.call(personEndpoints.current);
    await change({ 'webapp.signIn.passwords': 'all' });
    await server.nobody.call(sessionEndpoints.create, { body });
  });

  it('says that the provider is out of reach, and works again when it is back', async () => {
    const { url } = server;
    await server.restart({ FLOWHOOK_OIDC_ISSUER: 'http://127.0.0.1:9' });
    assert.notEqual(server.url, url);
    const place = await new Browser().go(begin(), isBack);
    assert.equal(problemOf({ place }), 'provider_unreachable');
    const line = server.log.find(({ problem }) => problem === 'provider_unreachable');
    assert.ok(line !== undefined && !JSON.stringify(line).includes(testClient.secret));
    await server.restart({ FLOWHOOK_OIDC_ISSUER: provider.issuer });
  });

  it('says that there is none where none is configured', async () => {
    const plain = await startServer(dialect);
    try {
      assert.equal((await plain.nobody.call(signInEndpoints.ways)).singleSignOn, null);
      const place = await new Browser().go(
        `${plain.url}${signInEndpoints.begin.path}`,
        (url) => !url.pathname.startsWith('/v4/'),
      );
      assert.equal(place.searchParams.get('problem'), 'not_configured');
    } finally {
      await plain.stop();
    }
  });
});
