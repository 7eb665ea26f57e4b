// Idempotency-Key: the same call answers with the first result, whatever comes at once or fails in between.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, type TestServer } from '../../test/server.ts';

describeOnBoth('Idempotency-Key', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  const post = (key: string, name: string, person = server.author) =>
    person.send('POST', '/v4/flows', { headers: { 'idempotency-key': key }, body: { name } });
  const countFlows = async (name: string) => {
    const query = server.app.db.read.selectFrom('flows').select('id').where('name', '=', name);
    return (await query.execute()).length;
  };

  it('answers the same call with the first result', async () => {
    const key = randomUUID();
    const first = await post(key, 'Once');
    const second = await post(key, 'Once');
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.deepEqual(second.json, first.json);
    assert.equal(first.headers['idempotency-replayed'], undefined);
    assert.equal(second.headers['idempotency-replayed'], 'true');
    assert.equal(await countFlows('Once'), 1);
  });

  it('refuses another body, and knows keys by person', async () => {
    const key = randomUUID();
    await post(key, 'Mine');
    const other = await post(key, 'Changed');
    assert.equal(other.status, 409);
    assert.equal((other.json as { code: string }).code, 'idempotency_conflict');
    assert.equal((await post(key, 'Changed', server.administrator)).status, 201);
  });

  it('tells a dry run from the real call', async () => {
    const headers = { 'idempotency-key': 'dry-or-not' };
    const ask = (query: string) =>
      server.author.send('POST', `/v4/flows/document${query}`, { headers, body: { name: 'Dry or not' } });
    assert.equal((await ask('')).status, 201);
    const dry = await ask('?dryRun=true');
    assert.deepEqual([dry.status, (dry.json as { code: string }).code], [409, 'idempotency_conflict']);
  });

  it('gives no reply to a token that sees less than the one it was made for', async () => {
    const { author } = server;
    const key = randomUUID();
    const { id } = (await post(key, 'Whole')).json as { id: number };
    const body = { flowIds: [id] };
    const made = (await author.send('POST', '/v4/apiAccessTokens', { body })).json as { tokenValue: string };
    const narrow = { ...author, ...server.client({ authorization: `Bearer ${made.tokenValue}` }) };
    const answer = await post(key, 'Whole', narrow);
    assert.equal(answer.status, 409);
    assert.equal((answer.json as { code: string }).code, 'idempotency_conflict');
    assert.equal((await post(key, 'Whole')).status, 201);
  });

  it('makes one object of many calls at once', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key, 'At once')));
    for (const { status, json } of answers) assert.deepEqual([status, json], [201, answers[0]!.json]);
    assert.equal(await countFlows('At once'), 1);
    assert.equal((await post(key, 'At once')).status, 201);
  });

  it('gives the key back where nothing was made', async () => {
    const key = randomUUID();
    assert.equal((await post(key, '')).status, 400);
    assert.equal((await post(key, 'Now it is right')).status, 201);
  });

  it('is not taken by token creation, nor by a method that changes', async () => {
    const headers = { 'idempotency-key': 'the same' };
    const values = [1, 2].map(async () => {
      const answer = await server.author.send('POST', '/v4/apiAccessTokens', { headers, body: {} });
      return (answer.json as { tokenValue: string }).tokenValue;
    });
    assert.notEqual(await values[0], await values[1]);
    const rows = await server.app.db.read.selectFrom('idempotency_keys').select('reply').execute();
    assert.doesNotMatch(JSON.stringify(rows), /tokenValue/u);
  });

  it('must be a word', async () => {
    for (const key of ['with space', 'x'.repeat(256), ''])
      assert.equal((await post(key, 'Key')).status, 400, JSON.stringify(key));
  });

  it('is forgotten after a day', async () => {
    const key = randomUUID();
    await post(key, 'Yesterday');
    await server.app.db.transaction((tx) =>
      tx.updateTable('idempotency_keys').set({ expires_at: 1 }).where('key', '=', key).execute(),
    );
    assert.equal((await post(key, 'Today')).status, 201);
  });
});
