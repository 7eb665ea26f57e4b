// Every page of the router's list, in every state and both colours: axe, 360 px, keyboard, no error, nothing from elsewhere.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { byFullness } from '../../server/test/full.ts';
import type { TestPerson } from '../../server/test/server.ts';
import { pages, type Page } from '../src/router/page-list.ts';
import { interceptCalls, type Fate, type Interception } from './interception.ts';
import { checkBothSchemes, checkKeyboard, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
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

/** In this order a page that waits for its answers is refused them, then asks again and gets them: it is loaded once. */
const states = ['loading', 'failing', 'denied', 'normal', 'empty'] as const;
type State = (typeof states)[number];

interface Watched {
  readonly calls: Interception;
  /** Where the tab is, and what becomes of its calls there. */
  address: string;
  fate: Fate;
}

describeInBrowser('every page', makeWorld, (rig) => {
  const watched = new WeakMap<Visit, Watched>();
  const watch = async (tab: Visit): Promise<Watched> => {
    const found = watched.get(tab) ?? { calls: await interceptCalls(tab), address: '', fate: 'passed' };
    watched.set(tab, found);
    return found;
  };

  for (const [at, page] of pages.entries()) {
    for (const state of chooseStates(at)) {
      it(`${page.path} ${state}`, async () => {
        const tab = await rig.tabOf(choosePerson(rig.world, page, state));
        const address = fill(page.example, state === 'empty' ? rig.world.emptyIds : rig.world.ids);
        await reach(tab, await watch(tab), address, fateOfCalls(page, state), page);
        await awaitState(tab, state, (await watch(tab)).calls.caught(), page);
        await lookAt(tab, `${page.path} ${state}`);
      });
    }
  }
});

/** The gate looks at each page as it usually is, and in one of the other states by turns: most of these are shared parts. */
function chooseStates(at: number): readonly State[] {
  const others = states.filter((state) => state !== 'normal');
  const chosen = ['normal', others[at % others.length]!];
  return byFullness<readonly State[]>(
    states,
    states.filter((state) => chosen.includes(state)),
  );
}

/** What was read once is shown at once, whatever becomes of a call: only a page that has read nothing waits or fails. */
async function reach(tab: Visit, at: Watched, address: string, fate: Fate, { access }: Page): Promise<void> {
  const isBlank = at.address === address && at.fate !== 'passed';
  const isAnswered = at.address === address && at.fate === 'held' && fate !== 'held';
  if (isAnswered) tab.goOn();
  await at.calls.become(fate);
  [at.address, at.fate] = [address, fate];
  if (isAnswered) return;
  if (access === 'open' || (fate !== 'passed' && !isBlank)) await tab.open(address);
  else await tab.goTo(address);
}

function choosePerson(world: World, { access }: Page, state: State): TestPerson | null {
  if (access === 'open') return null;
  const { administrator, author, viewer } = world.server;
  if (state === 'empty') return access === 'administrator' ? administrator : world.newcomer;
  if (state === 'denied' && access !== 'viewer') return viewer;
  return access === 'administrator' ? administrator : author;
}

async function lookAt(tab: Visit, about: string): Promise<void> {
  await checkBothSchemes(tab.page, about);
  await checkKeyboard(tab.page, about);
  await checkNarrow(tab.page, about);
  // Chromium itself writes a line for each refusal.
  tab.forgive(/Failed to load resource: the server responded with a status of (?:401|403|404|500)/u);
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
