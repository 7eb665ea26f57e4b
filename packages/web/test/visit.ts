// A tab of a signed-in person: what goes wrong in it is noted, whatever test looks at it.
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
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
  /** Forgets faults that a test has caused by intent. */
  forgive(pattern: RegExp): void;
  close(): Promise<void>;
}

/** Opens a window. A person signs in by the API, so that the cookie is the browser's own. */
async function openWindow(
  browser: Browser,
  server: TestServer,
  { person, scheme = 'light', width = 1280, height = 800, pixelRatio = 1 }: VisitOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width, height },
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
  watch(page, server, faults);
  return {
    page,
    context,
    faults,
    async open(address) {
      await page.goto(address);
      await page.locator('h1').first().waitFor();
    },
    forgive(pattern) {
      const kept = faults.filter((fault) => !pattern.test(fault));
      faults.splice(0, faults.length, ...kept);
    },
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

function watch(page: Page, server: TestServer, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(`${server.url}/`) || /^(?:data|blob|about):/u.test(url);
    if (!own) faults.push(`request to another host: ${url}`);
  });
}
