// What the tests of a file in the browser stand on: a server, a browser, and for each person a tab that is kept from test to test.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe } from 'node:test';
import type { Browser } from 'playwright-core';
import type { TestPerson, TestServer } from '../../server/test/server.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { visit, type Visit, type VisitOptions } from './visit.ts';

export interface Rig<World> {
  readonly world: World;
  readonly server: TestServer;
  /**
   * The tab of a person: of the author unless another is named, of nobody for null. It holds nothing of an earlier
   * test. A page costs half a second of processor time in a tab that is kept, and 2.2 s in a window of its own.
   */
  tabOf(person?: TestPerson | null): Promise<Visit>;
  /** The same, gone to an address such as `/flows/7`. */
  open(address: string, person?: TestPerson | null): Promise<Visit>;
  /** One more tab of the same person, until the test ends. */
  openBeside(address: string, person?: TestPerson): Promise<Visit>;
  /** The same in a window of its own: tabs of one window share six connections to a server. */
  openWindow(address: string, person?: TestPerson): Promise<Visit>;
}

interface Made {
  readonly server: TestServer;
  /** What its windows are like, where the usual ones do not do. */
  readonly window?: Pick<VisitOptions, 'width' | 'height' | 'pixelRatio'>;
  stop(): Promise<void>;
}

interface Kept {
  readonly tab: Visit;
  /** What the window knows of who is signed in. */
  readonly cookies: string;
  /** The number of the test that it was readied for. */
  test: number;
}

interface Stage {
  readonly world: Made;
  readonly kept: Map<TestPerson | null, Kept>;
}

/** By what makes them: blocks of one file that ask for the same world share it. */
const stages = new Map<() => Promise<Made>, Stage>();
let browser: Browser | undefined;
/** Counts the tests of the file. */
let test = 0;

after(async () => {
  await browser?.close();
  for (const { world } of stages.values()) await world.stop();
});

async function prepare(make: () => Promise<Made>): Promise<Stage> {
  browser ??= await startBrowser();
  const stage = stages.get(make) ?? { world: await make(), kept: new Map() };
  stages.set(make, stage);
  return stage;
}

/** Declares tests in the browser. After each of them nothing may have gone wrong in any tab. */
export function describeInBrowser<World extends Made>(
  name: string,
  make: () => Promise<World>,
  suite: (rig: Rig<World>) => void,
): void {
  describe(name, { skip: withoutBrowser }, () => {
    let world: World;
    let kept: Stage['kept'];
    const beside: Visit[] = [];
    before(async () => {
      const stage = await prepare(make);
      world = stage.world as World;
      kept = stage.kept;
    });

    const tabOf: Rig<World>['tabOf'] = async (person = world.server.author) => {
      const found = kept.get(person);
      if (found?.test === test) return found.tab;
      if (found !== undefined && (await isFresh(found, person))) return ((found.test = test), found.tab);
      await found?.tab.close();
      const tab = await visit(browser!, world.server, {
        ...world.window,
        ...(person !== null && { person }),
      });
      kept.set(person, { tab, cookies: await readCookies(tab), test });
      return tab;
    };
    const openMore = async (address: string, options: VisitOptions): Promise<Visit> => {
      const tab = await visit(browser!, world.server, options);
      beside.push(tab);
      await tab.open(address);
      return tab;
    };
    suite({
      get world() {
        return world;
      },
      get server() {
        return world.server;
      },
      tabOf,
      async open(address, person) {
        const tab = await tabOf(person);
        await tab.open(address);
        return tab;
      },
      async openBeside(address, person) {
        const { context } = await tabOf(person);
        return openMore(address, { context });
      },
      openWindow: (address, person = world.server.author) => openMore(address, { person }),
    });

    // After what the file itself does at the end of a test, which may forgive faults.
    afterEach(async (context) => {
      const used = [...kept].filter(([, each]) => each.test === test);
      const faults = [...beside, ...used.map(([, { tab }]) => tab)].flatMap((tab) => [...tab.faults]);
      test += 1;
      await Promise.all(beside.splice(0).map((tab) => tab.close()));
      // Nobody knows what is left of a test that failed.
      if (('passed' in context && !context.passed) || faults.length > 0)
        await Promise.all(used.map(([person, { tab }]) => (kept.delete(person), tab.close())));
      assert.deepEqual(faults, [], 'what went wrong in the browser');
    });
  });
}

/** Takes out of a tab what the last test has left there. False where it has signed in or out: another one is opened. */
async function isFresh({ tab, cookies }: Kept, person: TestPerson | null): Promise<boolean> {
  const { context } = tab;
  if (person === null) await context.clearCookies();
  return (await readCookies(tab)) === cookies && (await tab.clean());
}

async function readCookies({ context }: Visit): Promise<string> {
  const cookies = await context.cookies();
  return cookies
    .map(({ name, value }) => `${name}=${value}`)
    .toSorted()
    .join();
}
