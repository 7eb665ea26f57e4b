// People: who manages them, lists by the conventions, and an administrator who always remains.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { personEndpoints as endpoints } from '@flowhook/contract/person/person';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';

describeOnBoth('people', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());
  const create = (body: object) => server.administrator.call(endpoints.create, { body: body as never });

  it('are managed by administrators alone', async () => {
    for (const person of [server.author, server.viewer]) {
      await person.refused(endpoints.list, 403);
      await person.refused(endpoints.get, 403, { params: { id: person.id } });
      const body = { email: 'n@example.com', name: 'N' };
      const { exception } = await person.refused(endpoints.create, 403, { body });
      assert.equal(exception.name, 'AccessControlException');
    }
  });

  it('are made, read, changed and removed', async () => {
    const made = await create({ email: 'Ada@Example.com', name: ' Ada ', password: 'long enough' });
    assert.deepEqual(
      [made.email, made.name, made.role, made.isAdmin],
      ['ada@example.com', 'Ada', 'author', false],
    );
    const params = { id: made.id };
    const changed = await server.administrator.call(endpoints.change, { params, body: { role: 'viewer' } });
    assert.equal(changed.role, 'viewer');
    assert.equal(changed.name, 'Ada');
    await server.administrator.call(endpoints.remove, { params });
    await server.administrator.refused(endpoints.get, 404, { params });
    await server.administrator.refused(endpoints.remove, 404, { params });
    // The email is free again.
    await create({ email: 'ada@example.com', name: 'Another' });
  });

  it('have one account an email, also when two ask at once', async () => {
    const body = { email: 'twice@example.com', name: 'T' };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => server.administrator.send('POST', '/v4/people', { body })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).sort((a, b) => a - b),
      [201, 409, 409, 409, 409, 409],
    );
    const other = await create({ email: 'other@example.com', name: 'O' });
    const change = { params: { id: other.id }, body: { email: 'TWICE@example.com' } };
    assert.equal(
      (await server.administrator.refused(endpoints.change, 409, change)).errors[0]?.field,
      'email',
    );
  });

  it('say which field is at fault, all of them at once', async () => {
    const body = { email: 'none', role: 'king', password: 'short' };
    const { errors } = await server.administrator.refused(endpoints.create, 400, { body });
    assert.deepEqual(errors.map(({ field }) => field).sort(), ['email', 'name', 'password', 'role']);
  });

  it('are listed by the conventions', async () => {
    for (const name of ['Cara 100%', 'Bea', 'Émile'])
      await create({ email: `${encodeURIComponent(name)}@list.example.com`.replaceAll('%', ''), name });
    const list = (query: object) => server.administrator.call(endpoints.list, { query });
    const names = async (query: object) => (await list(query)).data.map(({ name }) => name);
    const some = { filter: 'list.example', filterFields: 'email' };
    assert.deepEqual(await names(some), ['Émile', 'Bea', 'Cara 100%']);
    assert.deepEqual(await names({ ...some, sort: 'name', limit: 2 }), ['Bea', 'Cara 100%']);
    assert.deepEqual(await names({ ...some, sort: '-createdAt,id', limit: 1, offset: 1 }), ['Bea']);
    assert.deepEqual(await names({ filter: '0%' }), ['Cara 100%']);
    assert.deepEqual(await names({ filter: 'É' }), ['Émile']);
    assert.deepEqual(await names({ filter: 'CARA' }), ['Cara 100%']);
    assert.deepEqual(await names({ filter: "' or 1=1 --" }), []);
    const counted = await list({ ...some, includeCount: 'TRUE', limit: 1, embed: '', fields: '' });
    assert.equal(counted.count, 3);
    const { data } = (await server.administrator.send('GET', '/v4/people?limit=1&fields=name%3Bemail'))
      .json as { data: object[] };
    assert.deepEqual(Object.keys(data[0]!).sort(), ['createdAt', 'email', 'id', 'name', 'updatedAt']);
    assert.equal((await server.administrator.call(endpoints.count, { query: some })).count, 3);
    assert.ok((await list({ noLimit: 'True' })).data.length > 5);
  });

  it('refuse a list query that is not known, with what is', async () => {
    const faults: [query: object, field: string, says: RegExp][] = [
      [{ sort: 'height' }, 'sort', /known are id, name, email/u],
      [{ filter: 'x', filterFields: 'password' }, 'filterFields', /known are name, email/u],
      [{ embed: 'flows' }, 'embed', /"flows" can't be embedded; this resource has none/u],
      [{ limit: '0' }, 'limit', /at least 1/u],
      [{ offset: 'many' }, 'offset', /number/u],
      [{ noLimit: 'perhaps' }, 'noLimit', /./u],
    ];
    for (const [query, field, says] of faults) {
      const { errors } = await server.administrator.refused(endpoints.list, 400, { query });
      assert.equal(errors[0]?.field, field);
      assert.match(errors[0].detail, says);
    }
  });

  it('write what changed to the audit log, without a password', async () => {
    const made = await create({ email: 'audit@example.com', name: 'A', password: 'a very secret word' });
    const params = { id: made.id };
    await server.administrator.call(endpoints.change, { params, body: { name: 'B' } });
    await server.administrator.call(endpoints.resetPassword, { params, body: { newPassword: 'secret too' } });
    await server.administrator.call(endpoints.remove, { params });
    const rows = await server.app.db.read
      .selectFrom('audit_log')
      .selectAll()
      .where('object_id', '=', made.id)
      .where('object_kind', 'in', ['person', 'password'])
      .orderBy('id')
      .execute();
    const told = rows.map(({ action, object_kind }) => `${action} ${object_kind}`);
    assert.deepEqual(told, ['create person', 'change person', 'change password', 'remove person']);
    assert.ok(rows.every(({ person_id }) => person_id === server.administrator.id));
    assert.doesNotMatch(JSON.stringify(rows), /secret/u);
    assert.match(rows[1]!.before_value!, /"name":"A"/u);
    assert.match(rows[1]!.after_value!, /"name":"B"/u);
  });

  it('always keep one administrator, also when all of them leave at once', async () => {
    const { data } = await server.administrator.call(endpoints.list, { query: { noLimit: 'true' } });
    const first = data.find(({ email }) => email === 'first@example.com')!;
    await server.administrator.call(endpoints.remove, { params: { id: first.id } });
    const people: TestPerson[] = [server.administrator];
    for (let count = 0; count < 4; count += 1) people.push(await server.addPerson('administrator'));
    // Each removes the next one, or makes them a viewer.
    const answers = await Promise.all(
      people.map((person, index) => {
        const { id } = people[(index + 1) % people.length]!;
        return index % 2 === 0
          ? person.send('DELETE', `/v4/people/${id}`)
          : person.send('PATCH', `/v4/people/${id}`, { body: { role: 'viewer' } });
      }),
    );
    const left = await server.app.db.read
      .selectFrom('people')
      .select('id')
      .where('role', '=', 'administrator')
      .where('deleted_at', 'is', null)
      .execute();
    assert.ok(left.length >= 1, `nobody is left: ${answers.map(({ status }) => status).join(' ')}`);
    const last = people.find(({ id }) => id === left[0]!.id)!;
    for (const { id } of left.slice(1)) await last.call(endpoints.remove, { params: { id } });
    const params = { id: last.id };
    assert.match((await last.refused(endpoints.remove, 409, { params })).detail, /last administrator/u);
    await last.refused(endpoints.change, 409, { params, body: { role: 'author' } });
    await last.call(endpoints.change, { params, body: { role: 'administrator', name: 'Still here' } });
  });
});
