// Calling what must not be called: this machine, the inner network, the metadata of a cloud, the server itself.
import type { Attack } from './attack.ts';
import { withSetting } from './setting.ts';
import type { World } from './world.ts';

/** Whether the policy itself refused: at once, naming the URL, or as the outcome of the test. */
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
  if (status === 200) return (JSON.parse(text) as { reason: string | null }).reason === 'blocked';
  // Anything else, such as the limit of tests, would have judged nothing.
  if (status !== 400 || !text.includes('"field":"url"')) throw new Error(`${url}: ${status} ${text}`);
  return true;
}

/** `open`: a URL that must be called, so that a policy that refuses everything shows nothing. */
async function findOpen(world: World, urls: readonly string[], open: string | null): Promise<string | null> {
  if (open !== null && (await isRefused(world, open))) throw new Error(`${open} is open, and was refused`);
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

const forbidden = 'webapp.webhookSettings.forbiddenIPs';
const allowed = 'webapp.webhookSettings.allowedUrlRegexes';
/** More than an attack makes. */
const manyTests = { 'webapp.webhookSettings.testsPerMinute': 10_000 };

export const egressAttacks: readonly Attack[] = [
  {
    name: 'this machine and the inner network, in many spellings',
    who: 'author',
    run: (world) =>
      withSetting(world, manyTests, () =>
        findOpen(world, innerUrls(new URL(world.url).port), `${world.receiver.origin}/`),
      ),
  },
  {
    name: 'the inner network after an administrator has forbidden one more address',
    who: 'author',
    run: (world) =>
      withSetting(world, { ...manyTests, [forbidden]: '203.0.113.7' }, () =>
        findOpen(
          world,
          [...innerUrls(new URL(world.url).port), 'http://203.0.113.7/'],
          `${world.receiver.origin}/`,
        ),
      ),
  },
  {
    name: 'the server’s own API while self-calls are off, through an expression that allows it',
    who: 'author',
    run: (world) =>
      withSetting(world, { ...manyTests, [allowed]: [String.raw`^http://127\.0\.0\.1:\d+/`] }, () =>
        findOpen(
          world,
          [`${world.url}/v4/people/current`, `${world.url}/`, `${world.url}/healthz`],
          `${world.receiver.origin}/`,
        ),
      ),
  },
  {
    name: 'a path that climbs out of an allowed expression',
    who: 'author',
    run: (world) =>
      withSetting(
        world,
        { ...manyTests, [allowed]: [`^${world.receiver.origin.replaceAll('.', String.raw`\.`)}/hooks/`] },
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
            `${world.receiver.origin}/hooks/in`,
          ),
      ),
  },
  {
    name: 'whatever is not on the list, where only listed URLs are called',
    who: 'author',
    run: (world) =>
      withSetting(world, { ...manyTests, 'webapp.webhookSettings.onlyAllowedUrls': true }, () =>
        findOpen(
          world,
          ['https://example.com/', 'http://203.0.113.50/', 'http://127.0.0.1.example.com/'],
          `${world.receiver.origin}/`,
        ),
      ),
  },
  {
    name: 'the metadata of a cloud, opened by an expression',
    who: 'administrator',
    run: (world) =>
      withSetting(world, { ...manyTests, [allowed]: [String.raw`^http://169\.254\.169\.254/`] }, () =>
        findOpen(world, ['http://169.254.169.254/latest/meta-data/'], null),
      ),
  },
];
