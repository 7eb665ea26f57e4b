// Every way in, and every way to be kept out, over HTTP.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { personEndpoints } from '@flowhook/contract/person/person';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { hashToken } from '../base/secret.ts';
import { insertToken } from '../people/access-token.ts';
import { peopleChanged } from '../people/account.ts';
import { createSignIn } from '../people/sign-in.ts';
import type { Client } from '../../test/client.ts';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, testPassword, type TestPerson, type TestServer } from '../../test/server.ts';

const basic = (email: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Signs in as a browser does; the client sends the cookie from then on. */
async function openSession(server: TestServer, person: TestPerson, headers: Record<string, string> = {}) {
  const body = { email: person.email, password: testPassword };
  const answer = await server.nobody.send('POST', '/v4/sessions', { body, headers });
  assert.equal(answer.status, 201, answer.text);
  const written = String(answer.headers['set-cookie']);
  const cookie = written.split(';')[0]!;
  return { written, cookie, client: server.client({ cookie }) };
}

const isIn = async (client: Client) => (await client.send('GET', '/v4/people/current')).status === 200;

describeOnBoth('sign-in', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  const insert = async (person: TestPerson, token: string, more: object = {}) => {
    const info = { description: '', readOnly: false, flowIds: null, expiresAt: null, now: Date.now() };
    await server.app.db.transaction((tx) => insertToken(tx, person.id, token, { ...info, ...more }));
    return server.client(bearer(token));
  };

  it('lets in by token, by email and password in any letter case, and by session', async () => {
    const { author } = server;
    const { client } = await openSession(server, author);
    const ways = [
      server.client(bearer(author.token)),
      server.client({ authorization: `bearer  ${author.token}` }),
      server.client(basic(author.email, testPassword)),
      server.client(basic(author.email.toUpperCase(), testPassword)),
      client,
    ];
    for (const way of ways) assert.equal((await way.call(personEndpoints.current)).id, author.id);
  });

  it('shares a check among calls that come together, and begins another once rights have changed', async () => {
    const { db } = server.app;
    const value = 'a token that comes often';
    await insert(server.author, value);
    const options = { db, now: Date.now, sessionMs: 60_000, passwordsFor: () => 'all' as const };
    const signIn = createSignIn(options);
    const credentials = { kind: 'token', value } as const;
    const together = Array.from({ length: 20 }, () => signIn.identify(credentials));
    const callers = await Promise.all(together);
    assert.equal(new Set(callers).size, 1);
    const fresh = createSignIn(options);
    // It may have read the token before the removal, or after it.
    const before = fresh.identify(credentials).catch(() => undefined);
    await db.transaction(async (tx) => {
      await tx.deleteFrom('access_tokens').where('token_hash', '=', hashToken(value)).execute();
      db.announce(tx, { topic: peopleChanged, flowId: null, ids: [] });
    });
    const after = fresh.identify(credentials);
    await assert.rejects(after, { code: 'credentials_wrong' });
    await before;
  });

  it('keeps out what is wrong, with the same words for an account that is not there', async () => {
    const { author, nobody } = server;
    const wrong = server.client(basic(author.email, 'wrong password'));
    const unknown = server.client(basic('not-there@example.com', 'wrong password'));
    const details = [wrong, unknown].map(
      async (client) => (await client.refused(personEndpoints.current, 401)).detail,
    );
    assert.equal(await details[0], await details[1]);
    const others = [
      bearer('fh_none'),
      { authorization: 'Digest x' },
      { authorization: 'Basic bm9jb2xvbg==' },
    ];
    for (const headers of [...others, { cookie: `flowhook_session_${new URL(server.url).port}=none` }])
      await server.client(headers).refused(personEndpoints.current, 401);
    const { headers } = await nobody.send('GET', '/v4/people/current');
    assert.match(String(headers['www-authenticate']), /Basic/u);
  });

  it('ends a token at its time, at once when it is revoked, and with its person', async () => {
    const { author, administrator } = server;
    const expired = await insert(author, `expired-${dialect}`, { expiresAt: Date.now() - 1 });
    assert.match((await expired.refused(personEndpoints.current, 401)).detail, /expired/u);

    const made = await author.call(accessTokenEndpoints.create, { body: { lifetimeSeconds: 60 } });
    const client = server.client(bearer(made.tokenValue));
    assert.ok(await isIn(client));
    await author.call(accessTokenEndpoints.remove, { params: { tokenId: made.tokenInfo.tokenId } });
    assert.ok(!(await isIn(client)));

    const leaving = await server.addPerson('author');
    const { client: session } = await openSession(server, leaving);
    assert.ok((await isIn(leaving)) && (await isIn(session)));
    await administrator.call(personEndpoints.remove, { params: { id: leaving.id } });
    assert.ok(!(await isIn(leaving)) && !(await isIn(session)));
    await server.client(basic(leaving.email, testPassword)).refused(personEndpoints.current, 401);
  });

  it('remembers no right that was taken while it was in use', async () => {
    const person = await server.addPerson('administrator');
    await person.call(workspaceEndpoints.settings);
    const params = { id: person.id };
    await server.administrator.call(personEndpoints.change, { params, body: { role: 'viewer' } });
    await person.refused(workspaceEndpoints.settings, 403);
  });

  it('lets a read-only token read, and nothing else', async () => {
    const client = await insert(server.administrator, `read-only-${dialect}`, { readOnly: true });
    await client.call(personEndpoints.list);
    const body = { email: 'x@example.com', name: 'X', role: 'viewer' };
    assert.match((await client.refused(personEndpoints.create, 403, { body })).detail, /read-only/u);
    await client.refused(accessTokenEndpoints.create, 403, { body: {} });
  });

  it('keeps a token that is narrowed to flows inside of them', async () => {
    const client = await insert(server.administrator, `narrow-${dialect}`, { flowIds: [7] });
    await client.call(personEndpoints.current);
    await client.refused(personEndpoints.list, 403);
    await client.refused(workspaceEndpoints.settings, 403);
    const params = { tokenId: 'any' };
    await client.refused(accessTokenEndpoints.remove, 403, { params });
    const body = { currentPassword: testPassword, newPassword: 'another password' };
    await client.refused(personEndpoints.changeOwnPassword, 403, { body });
  });

  it('makes a token that is no stronger than the one in use', async () => {
    const { author } = server;
    const soon = Date.now() + 60_000;
    const short = await insert(author, `short-${dialect}`, { expiresAt: soon });
    const refusal = await short.refused(accessTokenEndpoints.create, 400, { body: { lifetimeSeconds: -1 } });
    assert.equal(refusal.errors[0]?.field, 'lifetimeSeconds');
    await short.call(accessTokenEndpoints.create, { body: { lifetimeSeconds: 30 } });

    const narrow = await insert(author, `narrower-${dialect}`, { flowIds: [7, 8] });
    for (const body of [{}, { flowIds: [9] }, { flowIds: [7, 9] }])
      await narrow.refused(accessTokenEndpoints.create, 400, { body });
    const { tokenInfo } = await narrow.call(accessTokenEndpoints.create, { body: { flowIds: [8] } });
    assert.deepEqual(tokenInfo.flowIds, [8]);
    // Of the person's other tokens it is told nothing.
    const { data } = await narrow.call(accessTokenEndpoints.list);
    const bounds = data.map(({ flowIds }) => flowIds?.join() ?? '');
    assert.deepEqual(bounds.toSorted(), ['7,8', '8']);
    const { tokenInfo: other } = await author.call(accessTokenEndpoints.create, { body: {} });
    await narrow.refused(accessTokenEndpoints.get, 404, { params: { tokenId: other.tokenId } });
  });

  it('takes along, with a token, those that were made with it', async () => {
    const { author } = server;
    const root = await author.call(accessTokenEndpoints.create, { body: { description: 'root' } });
    const first = server.client(bearer(root.tokenValue));
    const child = await first.call(accessTokenEndpoints.create, {
      body: { description: 'child', lifetimeSeconds: 3600 },
    });
    const second = server.client(bearer(child.tokenValue));
    const grandchild = await second.call(accessTokenEndpoints.create, {
      body: { description: 'grandchild', lifetimeSeconds: 60 },
    });
    const third = server.client(bearer(grandchild.tokenValue));
    assert.deepEqual(await Promise.all([first, second, third].map(isIn)), [true, true, true]);
    await author.call(accessTokenEndpoints.remove, { params: { tokenId: root.tokenInfo.tokenId } });
    assert.deepEqual(await Promise.all([first, second, third, author].map(isIn)), [
      false,
      false,
      false,
      true,
    ]);
  });

  it('forgets, at a sign-out, what was verified of that person alone', async () => {
    const { db } = server.app;
    const signIn = createSignIn({ db, now: Date.now, sessionMs: 60_000, passwordsFor: () => 'all' });
    const [mine, other] = [server.author, server.viewer].map(({ email }) => ({
      kind: 'basic' as const,
      email,
      password: testPassword,
    }));
    await Promise.all([signIn.identify(mine!), signIn.identify(other!)]);
    const { token } = await signIn.openSession(other!.email, testPassword);
    await signIn.closeSession(token);
    assert.equal(signIn.recall(mine!)?.personId, server.author.id);
    assert.equal(signIn.recall(other!), null);
    await signIn.identify(other!);
    await signIn.closeSession('none');
    assert.equal(signIn.recall(other!)?.personId, server.viewer.id);
  });

  it('ends other sessions when the password changes, and refuses a wrong current one', async () => {
    const person = await server.addPerson('author');
    const [one, other] = [await openSession(server, person), await openSession(server, person)];
    const change = { currentPassword: 'wrong', newPassword: 'quite another password' };
    const refusal = await one.client.refused(personEndpoints.changeOwnPassword, 400, { body: change });
    assert.equal(refusal.errors[0]?.field, 'currentPassword');
    const body = { ...change, currentPassword: testPassword };
    await one.client.call(personEndpoints.changeOwnPassword, { body });
    assert.ok(await isIn(one.client));
    assert.ok(!(await isIn(other.client)));
    await server.client(basic(person.email, testPassword)).refused(personEndpoints.current, 401);
    assert.ok(await isIn(server.client(basic(person.email, body.newPassword))));

    const reset = { params: { id: person.id }, body: { newPassword: 'reset by somebody' } };
    await server.administrator.call(personEndpoints.resetPassword, reset);
    assert.ok(!(await isIn(one.client)));
  });

  it('opens a session by a cookie that scripts and other sites do not get, and closes it', async () => {
    const { written, client, cookie } = await openSession(server, server.viewer);
    for (const part of [/HttpOnly/u, /SameSite=Lax/u, /Path=\//u, /Max-Age=/u]) assert.match(written, part);
    assert.doesNotMatch(written, /Secure/u);
    const { via, expiresAt } = await client.call(sessionEndpoints.get);
    assert.equal(via, 'session');
    assert.ok(Date.parse(expiresAt!) > Date.now() + 86_400_000);
    const hash = hashToken(decodeURIComponent(cookie.split('=')[1]!));
    const query = server.app.db.read.selectFrom('sessions').selectAll().where('token_hash', '=', hash);
    assert.equal((await query.execute()).length, 1);
    await client.call(sessionEndpoints.remove);
    assert.ok(!(await isIn(client)));
  });

  it('carries out no change that another site sends with the cookie', async () => {
    const { client } = await openSession(server, server.author);
    const body = { description: 'x' };
    const post = async (headers: Record<string, string>) =>
      (await client.send('POST', '/v4/apiAccessTokens', { body, headers })).status;
    const own = new URL(server.url).origin;
    assert.equal(await post({ origin: own, 'sec-fetch-site': 'same-origin' }), 201);
    assert.equal(await post({ origin: 'https://evil.example.com' }), 403);
    assert.equal(await post({ origin: 'null' }), 403);
    assert.equal(await post({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await post({ 'sec-fetch-site': 'same-site' }), 403);
    const read = { headers: { origin: 'https://evil.example.com' } };
    assert.equal((await client.send('GET', '/v4/people/current', read)).status, 200);
    const signIn = { body: { email: server.author.email, password: testPassword }, ...read };
    assert.equal((await server.nobody.send('POST', '/v4/sessions', signIn)).status, 403);
  });

  it('keeps to its own port: a server beside it on this host has another session in the same browser', async () => {
    const { cookie } = await openSession(server, server.viewer);
    const { port } = new URL(server.url);
    const [name, token] = cookie.split('=');
    assert.equal(name, `flowhook_session_${port}`);
    assert.ok(await isIn(server.client({ cookie: `flowhook_session_1=other; ${cookie}` })));
    assert.ok(!(await isIn(server.client({ cookie: `flowhook_session_1=${token}` }))));
  });

  it('lets somebody with a stale cookie sign in again', async () => {
    const stale = server.client({ cookie: `flowhook_session_${new URL(server.url).port}=old` });
    const body = { email: server.viewer.email, password: testPassword };
    assert.equal((await stale.send('POST', '/v4/sessions', { body })).status, 201);
  });
});
