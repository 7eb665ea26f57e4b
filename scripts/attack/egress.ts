// Calling what must not be called: this machine, the inner network, the metadata of a cloud, the server itself.
import type { Attack } from './attack.ts';
import type { World } from './world.ts';

async function isRefused({ author, flow }: World, url: string): Promise<boolean> {
  const { status, text } = await author.send('POST', '/v4/webhooks/test', {
    body: {
      flowId: flow.id,
      name: 'out',
      method: 'get',
      url,
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
    },
  });
  // A test of a URL that is refused at the attempt says so as its outcome.
  return status >= 400 || (JSON.parse(text) as { reason: string | null }).reason === 'blocked';
}

async function findOpen(world: World, urls: readonly string[]): Promise<string | null> {
  for (const url of urls) if (!(await isRefused(world, url))) return `${url} was called.`;
  return null;
}

const innerUrls = (port: string) => [
  `http://127.0.0.1:${port}/`,
  `http://127.1:${port}/`,
  `http://2130706433:${port}/`,
  `http://0x7f000001:${port}/`,
  `http://[::1]:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://localhost:${port}/`,
  'http://10.0.0.1/',
  'http://192.168.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
];

async function withSetting(
  world: World,
  change: object,
  work: () => Promise<string | null>,
): Promise<string | null> {
  const { administrator } = world;
  const { text } = await administrator.send('GET', '/v4/workspace/settings');
  const before = JSON.parse(text) as Record<string, unknown>;
  const changed = await administrator.send('PATCH', '/v4/workspace/settings', { body: change });
  if (changed.status >= 400) throw new Error(`the setting was refused: ${changed.text}`);
  try {
    return await work();
  } finally {
    const restored = Object.fromEntries(Object.keys(change).map((name) => [name, before[name]]));
    await administrator.send('PATCH', '/v4/workspace/settings', { body: restored });
  }
}

const forbidden = 'webapp.webhookSettings.forbiddenIPs';
const allowed = 'webapp.webhookSettings.allowedUrlRegexes';

export const egressAttacks: readonly Attack[] = [
  {
    name: 'this machine and the inner network, in many spellings',
    who: 'author',
    run: (world) => findOpen(world, innerUrls(new URL(world.url).port)),
  },
  {
    name: 'the inner network after an administrator has forbidden one more address',
    who: 'author',
    run: (world) =>
      withSetting(world, { [forbidden]: '203.0.113.7' }, () =>
        findOpen(world, [...innerUrls(new URL(world.url).port), 'http://203.0.113.7/']),
      ),
  },
  {
    name: 'the server’s own API while self-calls are off, through an expression that allows it',
    who: 'author',
    run: (world) =>
      withSetting(world, { [allowed]: [String.raw`^http://127\.0\.0\.1:\d+/`] }, () =>
        findOpen(world, [`${world.url}/v4/people/current`, `${world.url}/`, `${world.url}/healthz`]),
      ),
  },
  {
    name: 'a path that climbs out of an allowed expression',
    who: 'author',
    run: (world) =>
      withSetting(
        world,
        { [allowed]: [`^${world.receiver.origin.replaceAll('.', String.raw`\.`)}/hooks/`] },
        () =>
          findOpen(
            world,
            [
              '/hooks/../admin',
              '/hooks/%2e%2e/admin',
              '/hooks/..%2fadmin',
              '/hooks/..%5cadmin',
              '/hooks/%2e%2e%2fadmin',
            ].map((path) => world.receiver.origin + path),
          ),
      ),
  },
  {
    name: 'the metadata of a cloud, opened by an expression',
    who: 'administrator',
    run: (world) =>
      withSetting(world, { [allowed]: [String.raw`^http://169\.254\.169\.254/`] }, () =>
        findOpen(world, ['http://169.254.169.254/latest/meta-data/']),
      ),
  },
];
