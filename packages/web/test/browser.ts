// A real Chromium for tests: found, started once, ended with the tests.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The program to start; undefined where there is none. `FLOWHOOK_TEST_CHROMIUM` names another. */
export function findChromium(): string | undefined {
  return [process.env['FLOWHOOK_TEST_CHROMIUM'], ...places].find(
    (path): path is string => path !== undefined && path !== '' && existsSync(path),
  );
}

/** Why browser tests are left out, or false. */
export const withoutBrowser =
  findChromium() === undefined ? 'Chromium not available: apt-get install chromium' : false;

/** With a fresh profile, and without anything that calls home. */
export function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(String(withoutBrowser));
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      // Root has no sandbox; others keep theirs.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
