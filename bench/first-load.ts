// From the address to a page that can be used, in a browser that has nothing yet, over a slow line: the sign-in page and
// a flow with its graph. A browser of its own for each load; what it fetched until then is counted as it went over the line.
//
//   node --conditions=flowhook-source bench/first-load.ts [--runs 5]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { startBrowser } from '../packages/web/test/browser.ts';
import { visit } from '../packages/web/test/visit.ts';
import { makeWorld } from '../packages/web/test/world.ts';
import { testPassword, type TestPerson } from '../packages/server/test/server.ts';
import { quantile } from './rig/quantile.ts';
import { tellVerdict } from './rig/verdict.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const line = { down: 1_600_000, up: 750_000, latencyMs: 150 };

interface Fetched {
  files: number;
  bytes: number;
  calls: number;
}

interface Load extends Fetched {
  readonly ms: number;
}

interface Goal {
  readonly name: string;
  readonly address: string;
  readonly person?: TestPerson;
  readonly limitMs: number;
  /** Resolves as soon as the page can be used. */
  use(page: Page): Promise<void>;
  /** What is tried after that: the button leads on. */
  goOn?(page: Page): Promise<void>;
}

const box = '.react-flow__node button';

const world = await makeWorld();
const { author } = world.server;
const flow = `/flows/${world.ids.flow}`;
const goals: readonly Goal[] = [
  {
    name: 'sign-in',
    address: '/sign-in',
    limitMs: 2500,
    async use(page) {
      const email = page.getByLabel('Email');
      await email.click();
      await page.keyboard.type('a');
      assert.equal(await email.inputValue(), 'a');
      assert.ok(await page.getByRole('button', { name: 'Sign in' }).isEnabled());
    },
    async goOn(page) {
      await page.getByLabel('Email').fill(author.email);
      await page.getByLabel('Password', { exact: true }).fill(testPassword);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    },
  },
  { name: 'flow', address: flow, person: author, limitMs: 4000, use: chooseBox },
  {
    name: 'flow with a recipe and its editor',
    address: `${flow}?recipe=${world.ids.recipe}`,
    person: author,
    limitMs: 4000,
    // A click would leave the recipe.
    use: (page) => page.locator(box).first().click({ trial: true }),
    goOn: (page) => page.locator('.cm-content').first().waitFor(),
  },
];

console.log(
  `${line.down / 1e6} Mbit/s down, ${line.up / 1e6} up, ${line.latencyMs} ms; ${values.runs} loads of each`,
);
try {
  for (const goal of goals) await measure(goal);
} finally {
  await world.stop();
}

async function measure(goal: Goal): Promise<void> {
  const first = await load(goal);
  const times = [first.ms];
  while (times.length < Number(values.runs)) times.push((await load(goal)).ms);
  const half = quantile(times, 0.5);
  const { files, bytes, calls } = first;
  console.log(
    `${goal.name}: ${half.toFixed(0)} ms (${times.map((ms) => ms.toFixed(0)).join(', ')}); ` +
      `limit ${goal.limitMs} ms: ${tellVerdict(half <= goal.limitMs)}; ` +
      `${(bytes / 1000).toFixed(0)} kB in ${files} files and ${calls} calls until then`,
  );
}

async function load({ address, person, use, goOn }: Goal): Promise<Load> {
  const browser = await startBrowser();
  try {
    const { page, context } = await visit(browser, world.server, person === undefined ? {} : { person });
    const fetched = await slowDown(await context.newCDPSession(page));
    const began = performance.now();
    const going = page.goto(address, { waitUntil: 'commit' });
    await use(page);
    const loaded = { ...fetched, ms: performance.now() - began };
    await going;
    await goOn?.(page);
    return loaded;
  } finally {
    await browser.close();
  }
}

/** Counts what comes over the line, headers too. */
async function slowDown(session: CDPSession): Promise<Fetched> {
  const fetched: Fetched = { files: 0, bytes: 0, calls: 0 };
  const calls = new Set<string>();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.url.includes('/v4/')) calls.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    fetched.bytes += encodedDataLength;
    if (calls.has(requestId)) fetched.calls += 1;
    else fetched.files += 1;
  });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: line.latencyMs,
    downloadThroughput: line.down / 8,
    uploadThroughput: line.up / 8,
  });
  return fetched;
}

async function chooseBox(page: Page): Promise<void> {
  await page.locator(box).first().click();
  await page.locator('.react-flow__node [aria-pressed="true"]').first().waitFor();
}
