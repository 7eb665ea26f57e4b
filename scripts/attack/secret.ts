// Drawing out a stored secret: by guesses, by another receiver, by an echo.
import type { Attack } from './attack.ts';
import { withSetting } from './setting.ts';
import type { World } from './world.ts';

const secret = 'pin-482911-of-the-receiver';

interface Task {
  readonly id: number;
}

async function makeTask({ author, flow, receiver }: World, more: object = {}): Promise<Task> {
  return author.make<Task>('/v4/webhookFlowTasks', {
    flowId: flow.id,
    name: `keeps a secret ${Math.random()}`,
    method: 'post',
    url: `${receiver.origin}/in/a?x=1`,
    body: '{"key":"$secret.pin"}',
    secrets: { pin: secret },
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
    enabled: false,
    ...more,
  });
}

export const secretAttacks: readonly Attack[] = [
  {
    name: 'guessing a secret by what a preview masks',
    who: 'editor',
    async run(world) {
      const { id } = await makeTask(world);
      const guess = async (text: string) => {
        const { text: answer } = await world.editor.send('POST', '/v4/webhooks/preview', {
          body: { id, body: `guess=${text}` },
        });
        return (JSON.parse(answer) as { body: string }).body;
      };
      const [right, wrong] = [await guess(secret), await guess('pin-000000-of-the-receiver')];
      return right.includes('*') === wrong.includes('*')
        ? null
        : 'the right guess is masked, the wrong one is not.';
    },
  },
  {
    name: "a secret's length by the size of a preview",
    who: 'editor',
    async run(world) {
      const sizeOf = async (pin: string) => {
        const { id } = await makeTask(world, { secrets: { pin } });
        const { text } = await world.editor.send('POST', '/v4/webhooks/preview', { body: { id } });
        return (JSON.parse(text) as { bodyBytes: number }).bodyBytes;
      };
      const [short, long] = [await sizeOf('12345678'), await sizeOf('1'.repeat(200))];
      return short === long ? null : `bodyBytes is ${short} for 8 characters and ${long} for 200.`;
    },
  },
  ...[
    ['another path on the same host', (origin: string) => ({ url: `${origin}/out/a?x=1` })],
    ['another port', () => ({ url: 'http://127.0.0.1:9/in/a?x=1' })],
    ['no check of certificates', () => ({ sslVerification: false })],
  ].map(([what, change]): Attack => {
    const make = change as (origin: string) => object;
    return {
      name: `sending a stored secret to ${what as string}`,
      who: 'editor',
      async run(world) {
        const { id } = await makeTask(world);
        const before = world.receiver.received.length;
        const body = make(world.receiver.origin);
        // Every port is open, so that it is the secret that is in the way.
        const open = { 'webapp.webhookSettings.allowedUrlRegexes': [String.raw`^http://127\.0\.0\.1:\d+/`] };
        const [changed, tested] = await withSetting(world, open, async () => [
          await world.editor.send('PATCH', `/v4/webhookFlowTasks/${id}`, { body }),
          await world.editor.send('POST', '/v4/webhooks/test', { body: { id, ...body } }),
        ]);
        const leaked = world.receiver.received.slice(before).some((request) => request.body.includes(secret));
        if (leaked) return 'the secret was sent.';
        const refused = [changed, tested].every(({ status, text }) => status === 400 && /secret/u.test(text));
        return refused ? null : `the change was answered with ${changed.text}, the test with ${tested.text}.`;
      },
    };
  }),
  {
    name: 'a receiver that echoes a secret in another spelling',
    who: 'editor',
    async run(world) {
      const odd = 'line\u00a0one €uro-482911-secret';
      const { receiver, editor } = world;
      receiver.answerWith((request) => JSON.stringify(request.headers));
      const { id } = await makeTask(world, {
        body: null,
        headers: { 'X-Plain': '$secret.pin' },
        secrets: { pin: odd },
      }).catch(() => ({ id: 0 }));
      // Refusing such a secret where it would stand in a header is right, too.
      if (id === 0) return null;
      const { text } = await editor.send('POST', '/v4/webhooks/test', { body: { id } });
      receiver.answerWith(() => '');
      return /482911/u.test(text) ? 'the echo shows it.' : null;
    },
  },
  {
    name: 'reading back what is write-only',
    who: 'viewer',
    async run(world) {
      const { id } = await makeTask(world, {
        secretKey: 'a-key-482911',
        headers: { Authorization: 'Bearer 482911' },
      });
      const places = [
        `/v4/webhookFlowTasks/${id}`,
        `/v4/flows/${world.flow.id}/webhookFlowTasks`,
        '/v4/webhookFlowTasks',
      ];
      for (const place of places) {
        const { text } = await world.viewer.send('GET', place);
        if (/482911/u.test(text)) return `GET ${place} shows it.`;
      }
      return null;
    },
  },
];
