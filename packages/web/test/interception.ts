// What becomes of a tab's calls of the API: passed on, held or refused, as a test wants it.
import type { CDPSession } from 'playwright-core';
import type { Visit } from './visit.ts';

/** `held`: never answered; a number: refused with this status. */
export type Fate = 'passed' | 'held' | 403 | 500;

export interface Interception {
  /** From now on; for calls that are held, too, and they are answered now. */
  become(fate: Fate): Promise<void>;
  /** How many calls were held or refused since then, or are answered only now. */
  caught(): number;
}

/** What every page asks, and no page is about. */
const usual = /\/v4\/(?:sessions\/current|events)(?:\?|$)/u;

/** By the debugger's way in: Playwright's own `route` has the browser read every script anew (1.1 s of processor time a page). */
export async function interceptCalls({ context, page }: Visit): Promise<Interception> {
  const session = await context.newCDPSession(page);
  let fate: Fate = 'passed';
  let caught = 0;
  let held: string[] = [];
  const settle = (requestId: string, own: Fate) => {
    if (own === 'held') held.push(requestId);
    // A page that is left takes its calls with it.
    return answer(session, requestId, own).catch(() => undefined);
  };
  session.on('Fetch.requestPaused', ({ requestId, request }) => {
    const own = usual.test(request.url) ? 'passed' : fate;
    if (own !== 'passed') caught += 1;
    void settle(requestId, own);
  });
  return {
    async become(wanted) {
      fate = wanted;
      const waiting = held;
      held = [];
      caught = fate === 'passed' ? 0 : waiting.length;
      await Promise.all(waiting.map((requestId) => settle(requestId, fate)));
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
