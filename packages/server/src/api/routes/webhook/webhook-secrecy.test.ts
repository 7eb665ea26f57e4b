// What each role sees of webhooks, by every route that shows any of it; and that no secret is in an answer or in the log.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { describeOnBoth } from '../../../../test/database.ts';
import { startHookServer, type HookServer, type Received } from '../../../../test/hook-server.ts';
import type { TestPerson } from '../../../../test/server.ts';

/** Each is a secret in a place of its own. */
const secrets = {
  secretKey: 'key-9f3"b/c8 d&7',
  authorization: 'token-41c7+e0/aa==',
  listedHeader: 'listed-5d1e<9b>82',
  namedSecret: 'routing-77ab\\20"ce',
  hostLike: 'secret-like-a-host-4419',
  urlPath: 'T0B0-credential-in-path-66',
  urlQuery: 'query-credential-18',
};
/** No secret, and yet for those alone who may change the flow. */
const marks = { header: 'plain-header-value', body: 'mark-of-the-body', answer: 'mark-of-the-answer' };

/** How a secret could show: as it is, in JSON, in a URL, in Base64, and each of these in JSON within JSON. */
function listForms(secret: string): string[] {
  const plain = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    Buffer.from(secret).toString('base64').replaceAll('=', ''),
    Buffer.from(secret).toString('base64url'),
  ];
  const once = plain.map(writeInJson);
  const twice = once.map(writeInJson);
  return [...new Set([...plain, ...once, ...twice, ...twice.map(writeInJson)])];
}

function writeInJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function assertNoSecret(text: string, where: string): void {
  for (const [name, secret] of Object.entries(secrets))
    for (const form of listForms(secret))
      assert.ok(!text.includes(form), `${where} shows ${name} as ${form}`);
}

interface Ids {
  readonly flow: number;
  readonly task: number;
  readonly job: number;
  readonly delivery: number;
  /** Of the task whose receiver redirects. */
  readonly redirected: number;
}

interface Case {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: (ids: Ids) => string;
  readonly body?: (ids: Ids) => unknown;
  /** The marks that an editor sees there. */
  readonly marks: readonly (keyof typeof marks)[];
  /** What a viewer and a stranger are answered. */
  readonly viewer: number;
  readonly stranger: number;
}

const read = (path: Case['path'], seen: Case['marks'], stranger = 404): Case => ({
  method: 'GET',
  path,
  marks: seen,
  viewer: 200,
  stranger,
});
const write = (path: Case['path'], body: Case['body'], seen: Case['marks']): Case => ({
  method: 'POST',
  path,
  body: body!,
  marks: seen,
  viewer: 403,
  stranger: 404,
});

const cases: readonly Case[] = [
  read(({ flow }) => `/v4/webhookFlowTasks?flowId=${flow}`, ['header', 'body'], 200),
  read(() => '/v4/webhookFlowTasks?noLimit=true', ['header', 'body'], 200),
  read(({ flow }) => `/v4/flows/${flow}/webhookFlowTasks`, ['header', 'body']),
  read(({ task }) => `/v4/webhookFlowTasks/${task}`, ['header', 'body']),
  read(({ task }) => `/v4/webhookFlowTasks/${task}?fields=headers;body`, ['header', 'body']),
  read(({ flow }) => `/v4/flows/${flow}?embed=webhookFlowTasks`, ['header', 'body']),
  read(({ job }) => `/v4/webhookDeliveries?jobGroupId=${job}`, [], 200),
  read(({ delivery }) => `/v4/webhookDeliveries/${delivery}`, ['body']),
  read(({ delivery }) => `/v4/webhookDeliveries/${delivery}/attempts`, ['header', 'body', 'answer']),
  read(({ delivery }) => `/v4/webhookDeliveries/${delivery}/attempts/1`, ['header', 'body', 'answer']),
  read(({ redirected }) => `/v4/webhookDeliveries/${redirected}/attempts/1`, ['header', 'body', 'answer']),
  read(({ job }) => `/v4/jobGroups/${job}/webhooks`, ['header', 'body', 'answer']),
  read(({ job }) => `/v4/jobGroups/${job}?embed=webhooks&fields=webhooks`, ['header', 'body', 'answer']),
  // The facts of a job are its own, and not masked: they are what somebody reported.
  read(() => '/v4/jobGroups?embed=webhooks&fields=webhooks', [], 200),
  write(
    () => '/v4/webhooks/preview',
    ({ task }) => ({ id: task }),
    ['header', 'body'],
  ),
  write(
    () => '/v4/webhooks/test',
    ({ task }) => ({ id: task }),
    ['header', 'body', 'answer'],
  ),
  {
    ...write(
      ({ task }) => `/v4/webhookFlowTasks/${task}`,
      () => ({ name: 'Again' }),
      ['header', 'body'],
    ),
    method: 'PATCH',
  },
  write(({ delivery }) => `/v4/webhookDeliveries/${delivery}/cancel`, undefined, []),
  write(
    ({ delivery }) => `/v4/webhookDeliveries/${delivery}/redeliver`,
    () => ({}),
    [],
  ),
];

describeOnBoth('What is secret of webhooks', (_, dialect) => {
  let hooks: HookServer;
  let ids: Ids;
  let roles: Record<'owner' | 'administrator' | 'editor' | 'viewer' | 'stranger', TestPerson>;
  before(async () => {
    hooks = await startHookServer(dialect, { FLOWHOOK_LOG_LEVEL: 'debug' });
    const { server, receiver, flowId } = hooks;
    receiver.answer((request) => (request.url.startsWith('/moved') ? echoElsewhere() : echo(request)));
    roles = {
      owner: server.author,
      administrator: server.administrator,
      editor: await server.addPerson('author'),
      viewer: await server.addPerson('author'),
      stranger: await server.addPerson('author'),
    };
    await roles.owner.call(flowPermissionEndpoints.give, {
      params: { id: flowId },
      body: {
        data: [
          { personId: roles.editor.id, role: 'collaborator' },
          { personId: roles.viewer.id, role: 'readOnly' },
        ],
      },
    });
    ids = await makeCase(hooks);
  });
  after(async () => {
    await hooks.stop();
  });

  const send = (person: TestPerson, { method, path, body }: Case) =>
    person.send(method, path(ids), body === undefined ? {} : { body: body(ids) });

  it('was sent and echoed: else nothing here could be seen', () => {
    const request = hooks.receiver.received.find(({ url }) => url.startsWith('/services'));
    const whole = JSON.stringify(request);
    assert.equal(request!.headers['authorization'], `Bearer ${secrets.authorization}`);
    for (const value of [secrets.listedHeader, secrets.urlPath, secrets.urlQuery])
      assert.ok(whole.includes(value), value);
    assert.equal((JSON.parse(request!.body) as { key: string }).key, secrets.namedSecret);
  });

  for (const each of cases) {
    const name = () =>
      `${each.method} ${each.path({ flow: 1, task: 2, job: 3, delivery: 4, redirected: 5 })}`;
    describe(name(), () => {
      for (const role of ['owner', 'administrator', 'editor'] as const)
        it(`shows the ${role} headers and bodies, and no secret`, async (context) => {
          const answer = await send(roles[role], each);
          // Canceled or asked for again already, by another role.
          if (answer.status === 409) return context.diagnostic('refused as it was done before');
          assert.equal(answer.status, 200, answer.text);
          assertNoSecret(answer.text, name());
          for (const mark of each.marks)
            assert.ok(answer.text.includes(marks[mark]), `${mark}: ${answer.text}`);
        });

      it('shows a viewer neither', async () => {
        const answer = await send(roles.viewer, each);
        assert.equal(answer.status, each.viewer, answer.text);
        assertNoSecret(answer.text, name());
        for (const mark of Object.values(marks))
          assert.ok(!answer.text.includes(mark), `${mark}: ${answer.text}`);
      });

      it('shows a stranger nothing', async () => {
        const answer = await send(roles.stranger, each);
        assert.equal(answer.status, each.stranger, answer.text);
        if (answer.status === 200) assert.deepEqual((answer.json as { data: unknown[] }).data, []);
        assertNoSecret(answer.text, name());
      });
    });
  }

  it('is in no line of the log, and each job and attempt has its line', async () => {
    const { log } = hooks.server;
    for (const line of log) assertNoSecret(JSON.stringify(line), 'the log');
    const ofAttempt = log.find(({ msg, jobId }) => msg === 'attempt' && jobId === ids.job);
    assert.deepEqual(
      ['deliveryId', 'taskId', 'flowId', 'jobId', 'attempt', 'outcome', 'durationMs', 'state'].filter(
        (field) => ofAttempt?.[field] === undefined,
      ),
      [],
    );
    const ofRequest = log.find(({ msg, route }) => msg === 'request' && route === '/v4/webhookFlowTasks/:id');
    assert.equal(ofRequest!['taskId'], ids.task);
    const ofJob = log.filter(({ msg, jobId }) => msg === 'job' && jobId === ids.job);
    assert.equal(ofJob.length, 1, 'one line for the job');
    assert.equal(ofJob[0]!['state'], 'complete');
  });

  it('stays masked in what is stored', async () => {
    const { read: db } = hooks.server.app.db;
    const rows = [
      ...(await db.selectFrom('attempts').selectAll().execute()),
      ...(await db.selectFrom('attempt_exchanges').selectAll().execute()),
      ...(await db.selectFrom('webhook_tasks').selectAll().execute()),
    ];
    for (const row of rows) assertNoSecret(JSON.stringify(row), 'the database');
  });
});

/** Gives back all that it got, in the answer's headers and in its body. */
function echo({ url, headers, body }: Received) {
  return {
    status: 200,
    headers: { 'X-Echo': String(headers['authorization']), 'X-Echo-Url': url },
    body: `${marks.answer} ${url} ${JSON.stringify(headers)} ${body} ${secrets.secretKey}`,
  };
}

/** A redirect: the detail of this failure quotes where it leads. */
function echoElsewhere() {
  return { status: 302, headers: { Location: `http://${secrets.hostLike}/` }, body: marks.answer };
}

async function makeCase({ addTask, endJob, settled, flowId, receiver }: HookServer): Promise<Ids> {
  const task = {
    headers: {
      Authorization: `Bearer ${secrets.authorization}`,
      'X-Listed': secrets.listedHeader,
      'X-Plain': marks.header,
    },
    secretHeaders: ['X-Listed'],
    secretKey: secrets.secretKey,
    secrets: { routing: secrets.namedSecret, other: secrets.hostLike },
    body: `{"mark":"${marks.body}","key":"$secret.routing","other":"$secret.other","fact":"$facts.echo"}`,
    retryOnFailure: false,
  };
  const url = `${receiver.url}/services/${secrets.urlPath}?key=${secrets.urlQuery}`;
  const id = await addTask({ ...task, url, urlSecret: true });
  const redirectedTask = await addTask({ ...task, url: `${receiver.url}/moved` });
  const job = await endJob('Complete', { echo: secrets.secretKey });
  const deliveries = await settled(job);
  const of = (taskId: number) => deliveries.find(({ webhookFlowTask }) => webhookFlowTask.id === taskId)!;
  assert.deepEqual([of(id).state, of(redirectedTask).lastReason], ['delivered', 'redirect']);
  return { flow: flowId, task: id, job, delivery: of(id).id, redirected: of(redirectedTask).id };
}
