// Every page of the router's list, in every state and both colours: axe, 360 px, keyboard, no error, nothing from elsewhere.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { TestPerson } from '../../server/test/server.ts';
import { pages, type Page } from '../src/router/page-list.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { interceptCalls, type Fate, type Interception } from './interception.ts';
import { checkBothSchemes, checkKeyboard, checkNarrow } from './look.ts';
import { visit, type Visit } from './visit.ts';
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
  /**
   * One for each person. The next page of a tab finds the interface loaded and compiled: it costs 0.5 s of processor
   * time, a tab of its own 1.9 s.
   */
  const tabs = new Map<number | undefined, Tab>();
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
        const tab = tabs.get(person?.id) ?? (await openTab(browser, world, person));
        // One in which something went wrong serves no other page.
        tabs.delete(person?.id);
        await lookAt(world, tab, page, state);
        tabs.set(person?.id, tab);
      });
    }
  }
});

interface Tab {
  readonly visit: Visit;
  readonly calls: Interception;
}

async function openTab(browser: Browser, { server }: World, person: TestPerson | undefined): Promise<Tab> {
  const opened = await visit(browser, server, person === undefined ? {} : { person });
  return { visit: opened, calls: await interceptCalls(opened) };
}

function choosePerson(world: World, { access }: Page, state: State): TestPerson | undefined {
  if (access === 'open') return undefined;
  const { administrator, author, viewer } = world.server;
  if (state === 'empty') return access === 'administrator' ? administrator : world.newcomer;
  if (state === 'denied' && access !== 'viewer') return viewer;
  return access === 'administrator' ? administrator : author;
}

async function lookAt(world: World, { visit: tab, calls }: Tab, page: Page, state: State): Promise<void> {
  const { page: browserPage } = tab;
  await calls.become(fateOfCalls(page, state));
  tab.forgive(/^/u);
  await tab.open(fill(page.example, state === 'empty' ? world.emptyIds : world.ids));
  await awaitState(tab, state, calls.caught(), page);
  const about = `${page.path} ${state}`;
  await checkBothSchemes(browserPage, about);
  await checkKeyboard(browserPage, about);
  await checkNarrow(browserPage, about);
  // Chromium itself writes a line for each refusal.
  tab.forgive(/Failed to load resource: the server responded with a status of (?:401|403|404|500)/u);
  assert.deepEqual(tab.faults, [], about);
}

function fill(example: string, ids: Ids): string {
  return example.replaceAll(/\{(\w+)\}/gu, (_, name: string) => String(ids[name as keyof Ids]));
}

/** Loading: the page's calls wait; failing and denied: they are refused. */
function fateOfCalls({ access }: Page, state: State): Fate {
  if (state === 'loading') return 'held';
  if (state === 'failing') return 500;
  return state === 'denied' && (access === 'viewer' || access === 'open') ? 403 : 'passed';
}

/** Each state must be there to be looked at; a page that asks nothing is the same in all of them. */
async function awaitState({ page }: Visit, state: State, caught: number, { access }: Page): Promise<void> {
  if (state === 'denied' && access !== 'viewer' && access !== 'open') {
    await page.getByRole('heading', { level: 1, name: 'You may not see this' }).waitFor();
  } else if (state === 'loading') {
    if (caught > 0 && access !== 'open') await page.locator('[aria-busy="true"]').first().waitFor();
  } else {
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    if (caught === 0 || access === 'open') return;
    const shown = state === 'failing' ? page.getByRole('alert') : page.getByText('You may not see this');
    await shown.first().waitFor();
  }
}
