// A tab of a signed-in person: what goes wrong in it is noted, whatever test looks at it.
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { problemText } from '../src/text/problem.ts';
import { testPassword, type TestPerson, type TestServer } from '../../server/test/server.ts';

export type Scheme = 'light' | 'dark';

export interface VisitOptions {
  /** Nobody is signed in without it. */
  readonly person?: TestPerson;
  /** A window that is open already: the tab opens there, and closes alone. */
  readonly context?: BrowserContext;
  readonly scheme?: Scheme;
  readonly width?: number;
  readonly height?: number;
  /** Points a pixel; 1 unless given. */
  readonly pixelRatio?: number;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, exceptions, violations of the content security policy, requests to other hosts. */
  readonly faults: readonly string[];
  /** Goes to an address such as `/flows/7` and waits until its page stands. */
  open(address: string): Promise<void>;
  /**
   * The same as a link within the interface leads there: nothing is loaded anew, which costs a third. The page itself is
   * made anew, and asks again what was refused.
   */
  goTo(address: string): Promise<void>;
  /** Forgets faults that a test has caused by intent. */
  forgive(pattern: RegExp): void;
  /**
   * Takes out what a test has left: what the page has stored, routes, size, colours, faults. What the page does until it
   * is left is nobody's fault. False where it can't be told.
   */
  clean(): Promise<boolean>;
  /** The page that an earlier test has left is the one that is looked at. */
  goOn(): void;
  close(): Promise<void>;
}

function sizeOf({ width = 1280, height = 800 }: VisitOptions): { width: number; height: number } {
  return { width, height };
}

/** Opens a window. A person signs in by the API, so that the cookie is the browser's own. */
async function openWindow(
  browser: Browser,
  server: TestServer,
  { person, scheme = 'light', pixelRatio = 1, ...size }: VisitOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: sizeOf(size),
    deviceScaleFactor: pixelRatio,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    baseURL: server.url,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  if (person !== undefined) await signIn(context, server, person);
  return context;
}

/** Opens a tab. */
export async function visit(
  browser: Browser,
  server: TestServer,
  options: VisitOptions = {},
): Promise<Visit> {
  const context = options.context ?? (await openWindow(browser, server, options));
  const page = await context.newPage();
  // A busy machine is slow; what is right comes in the end.
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  const open = async (address: string) => {
    await page.goto(address);
    await page.locator('h1').first().waitFor();
  };
  let isHeard = true;
  const hear = (isIt: boolean) => void (isHeard = isIt);
  page.on('framenavigated', (frame) => frame === page.mainFrame() && hear(true));
  watch(page, server, (fault) => isHeard && faults.push(fault));
  return {
    page,
    context,
    faults,
    open,
    async goTo(address) {
      if (page.url() === 'about:blank') return open(address);
      const nowhere = page.getByRole('heading', { level: 1, name: problemText.pageMissingTitle });
      await page.evaluate(() => history.pushState({}, '', '/nowhere'));
      await nowhere.waitFor();
      await page.evaluate((to) => history.pushState({}, '', to), address);
      await nowhere.waitFor({ state: 'detached' });
      await page.locator('h1').first().waitFor();
    },
    forgive(pattern) {
      const kept = faults.filter((fault) => !pattern.test(fault));
      faults.splice(0, faults.length, ...kept);
    },
    async clean() {
      if (!page.url().startsWith(`${server.url}/`)) return false;
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      for (const other of context.pages()) if (other !== page) await other.close();
      await page.mouse.move(0, 0);
      await page.setViewportSize(sizeOf(options));
      await page.emulateMedia({ colorScheme: options.scheme ?? 'light' });
      await page.evaluate(() => [sessionStorage, localStorage].forEach((storage) => storage.clear()));
      faults.splice(0);
      hear(false);
      return true;
    },
    goOn: () => hear(true),
    close: () => (options.context === undefined ? context.close() : page.close()),
  };
}

async function signIn(context: BrowserContext, server: TestServer, { email }: TestPerson): Promise<void> {
  const answer = await context.request.post('/v4/sessions', {
    data: { email, password: testPassword },
    headers: { origin: server.url },
  });
  assert.equal(answer.status(), 201, await answer.text());
}

function watch(page: Page, server: TestServer, note: (fault: string) => void): void {
  page.on('pageerror', (error) => note(`exception: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(`${server.url}/`) || /^(?:data|blob|about):/u.test(url);
    if (!own) note(`request to another host: ${url}`);
  });
}
