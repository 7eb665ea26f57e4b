// What becomes of a tab's calls of the API: passed on, held or refused, as a test wants it.
import type { CDPSession } from 'playwright-core';
import type { Visit } from './visit.ts';

/** `held`: never answered; a number: refused with this status. */
export type Fate = 'passed' | 'held' | 403 | 500;

export interface Interception {
  /** From now on, for the pages that are opened. */
  become(fate: Fate): Promise<void>;
  /** How many calls were held or refused since then. */
  caught(): number;
}

/** What every page asks, and no page is about. */
const usual = /\/v4\/(?:sessions\/current|events)(?:\?|$)/u;

/** By the debugger's way in: Playwright's own `route` has the browser read every script anew (1.1 s of processor time a page). */
export async function interceptCalls({ context, page }: Visit): Promise<Interception> {
  const session = await context.newCDPSession(page);
  let fate: Fate = 'passed';
  let caught = 0;
  session.on('Fetch.requestPaused', ({ requestId, request }) => {
    const own = usual.test(request.url) ? 'passed' : fate;
    if (own !== 'passed') caught += 1;
    // A page that is left takes its calls with it.
    void answer(session, requestId, own).catch(() => undefined);
  });
  return {
    async become(wanted) {
      fate = wanted;
      caught = 0;
      if (fate === 'passed') await session.send('Fetch.disable');
      else await session.send('Fetch.enable', { patterns: [{ urlPattern: '*/v4/*' }] });
    },
    caught: () => caught,
  };
}

async function answer(session: CDPSession, requestId: string, fate: Fate): Promise<void> {
  if (fate === 'passed') await session.send('Fetch.continueRequest', { requestId });
  else if (fate !== 'held') await refuse(session, requestId, fate);
}

async function refuse(session: CDPSession, requestId: string, status: 403 | 500): Promise<void> {
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
  await session.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: status,
    responseHeaders: [{ name: 'content-type', value: 'application/problem+json' }],
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
  });
}
