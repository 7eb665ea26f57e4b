// Every page of the router's list, in every state and both colours: axe, 360 px, keyboard, no error, nothing from elsewhere.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Route } from 'playwright-core';
import type { TestPerson } from '../../server/test/server.ts';
import { pages, type Page } from '../src/router/page-list.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { checkAxe, checkKeyboard, checkNarrow, setScheme } from './look.ts';
import { openWindow, visit, type Visit } from './visit.ts';
import { makeWorld, type Ids, type World } from './world.ts';

const source = join(import.meta.dirname, '../src');

describe('the list of pages', () => {
  it('names every page file, and only those', () => {
    const list = readFileSync(join(source, 'router/page-list.ts'), 'utf8');
    const listed = [...list.matchAll(/import\('\.\.\/(pages\/[^']+)'\)/gu)].map(([, path]) => path!);
    assert.deepEqual(new Set(listed), new Set(globSync('pages/**/*-page.tsx', { cwd: source })));
    assert.equal(listed.length, pages.length);
  });

  it('has no path and no title twice', () => {
    assert.equal(new Set(pages.map(({ path }) => path)).size, pages.length);
    assert.equal(new Set(pages.map(({ title }) => title)).size, pages.length);
  });
});

const states = ['normal', 'empty', 'loading', 'failing', 'denied'] as const;
type State = (typeof states)[number];

describe('every page', { skip: withoutBrowser }, () => {
  let world: World;
  let browser: Browser;
  /** One for each person: what the browser keeps of the interface serves every tab. */
  const windows = new Map<number | undefined, BrowserContext>();
  before(async () => {
    world = await makeWorld();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  for (const page of pages) {
    for (const state of states) {
      it(`${page.path} ${state}`, async () => {
        const person = choosePerson(world, page, state);
        const context = windows.get(person?.id) ?? (await openWindow(browser, world.server, { person }));
        windows.set(person?.id, context);
        const tab = await visit(browser, world.server, { context });
        try {
          await lookAt(world, tab, page, state);
        } finally {
          await tab.close();
        }
      });
    }
  }
});

function choosePerson(world: World, { access }: Page, state: State): TestPerson | undefined {
  if (access === 'open') return undefined;
  const { administrator, author, viewer } = world.server;
  if (state === 'empty') return access === 'administrator' ? administrator : world.newcomer;
  if (state === 'denied' && access !== 'viewer') return viewer;
  return access === 'administrator' ? administrator : author;
}

async function lookAt(world: World, tab: Visit, page: Page, state: State): Promise<void> {
  const { page: browserPage } = tab;
  const held = await intercept(tab, page, state);
  await tab.open(fill(page.example, state === 'empty' ? world.emptyIds : world.ids));
  await awaitState(tab, state, held, page);
  const about = `${page.path} ${state}`;
  await checkAxe(browserPage, `${about}, light`);
  await setScheme(browserPage, 'dark');
  await checkAxe(browserPage, `${about}, dark`);
  await setScheme(browserPage, 'light');
  await checkKeyboard(browserPage, about);
  await checkNarrow(browserPage, about);
  // Chromium itself writes a line for each refusal.
  tab.forgive(/Failed to load resource: the server responded with a status of (?:401|403|404|500)/u);
  assert.deepEqual(tab.faults, [], about);
}

function fill(example: string, ids: Ids): string {
  return example.replaceAll(/\{(\w+)\}/gu, (_, name: string) => String(ids[name as keyof Ids]));
}

/** What every page asks, and no page is about. */
const usual = /\/v4\/(?:sessions\/current|events)(?:\?|$)/u;

interface Held {
  count: number;
}

/** Loading: the page's requests wait; failing and denied: they are refused. Counts them. */
async function intercept(tab: Visit, { access }: Page, state: State): Promise<Held> {
  const held: Held = { count: 0 };
  const refusal = { failing: problem(500), denied: problem(403) }[state as string];
  if (state !== 'loading' && refusal === undefined) return held;
  if (state === 'denied' && access !== 'viewer' && access !== 'open') return held;
  await tab.page.route(/\/v4\//u, async (route: Route) => {
    if (usual.test(route.request().url())) return route.fallback();
    held.count += 1;
    return refusal === undefined ? undefined : route.fulfill(refusal);
  });
  return held;
}

function problem(status: 500 | 403) {
  const name = status === 500 ? 'InternalServerError' : 'AccessControlException';
  const detail = `Refused with ${status} by the test.`;
  const body = {
    type: 'about:blank',
    title: 'Refused',
    status,
    detail,
    code: 'test',
    errors: [],
    exception: { name, message: detail, details: '' },
  };
  return { status, contentType: 'application/problem+json', body: JSON.stringify(body) };
}

/** Each state must be there to be looked at; a page that asks nothing is the same in all of them. */
async function awaitState({ page }: Visit, state: State, held: Held, { access }: Page): Promise<void> {
  if (state === 'denied' && access !== 'viewer' && access !== 'open') {
    await page.getByRole('heading', { level: 1, name: 'You may not see this' }).waitFor();
  } else if (state === 'loading') {
    if (held.count > 0 && access !== 'open') await page.locator('[aria-busy="true"]').first().waitFor();
  } else {
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    if (held.count === 0 || access === 'open') return;
    const shown = state === 'failing' ? page.getByRole('alert') : page.getByText('You may not see this');
    await shown.first().waitFor();
  }
}
