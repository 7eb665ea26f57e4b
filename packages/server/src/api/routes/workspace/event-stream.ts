// Server-sent events: what changes, for whoever may see it.
import type { FastifyRequest } from 'fastify';
import { eventStreamEndpoints as endpoints } from '@flowhook/contract/workspace/event-stream';
import { Problem } from '../../../base/error.ts';
import { announcementsMissed, type Database } from '../../../db/database.ts';
import type { Caller } from '../../../people/caller.ts';
import { peopleChanged } from '../../../people/account.ts';
import type { SignIn } from '../../../people/sign-in.ts';
import type { ChangeFeed } from '../../../workspace/change-feed.ts';
import { filterChanges } from '../../change-filter.ts';
import { readCredentials } from '../../credentials.ts';
import { streamChanges } from '../../event-stream.ts';
import { alreadySent, implement, type Route } from '../../route.ts';

export interface EventStreamRoutes {
  readonly db: Database;
  readonly feed: ChangeFeed;
  readonly signIn: SignIn;
  onError(error: unknown): void;
}

/** Browsers open few; a program that opens more than this has lost count. */
const maxOfPerson = 50;

export function eventStreamRoutes(options: EventStreamRoutes): Route[] {
  const { db, feed } = options;
  const open = new Map<number, number>();
  return [
    implement(endpoints.open, async ({ query, caller, request, reply }) => {
      if (request.method === 'HEAD')
        throw new Problem('method_not_allowed', 'A stream has no end that HEAD could tell of: use GET.');
      const free = takePlace(open, caller);
      const listener = followCaller(options, request, caller, () => reply.raw.end());
      reply.raw.once('close', () => {
        free();
        listener.stop();
      });
      reply.hijack();
      reply.raw.writeHead(200, headers);
      streamChanges(reply.raw, {
        feed,
        after: readAfter(request, query.lastEventId),
        onError: (error) => error instanceof Problem || options.onError(error),
        filter: async (changes) => {
          const wanted = changes.filter(
            ({ flowId }) => query.flowId === undefined || flowId === query.flowId,
          );
          return filterChanges(db.read, await listener.current(), wanted);
        },
        requireAllowed: listener.look,
      });
      return alreadySent;
    }),
  ];
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx gathers answers unless it is told not to.
  'x-accel-buffering': 'no',
};

function readAfter({ headers: given }: FastifyRequest, query: string | undefined): string | null {
  const header = given['last-event-id'];
  const id = typeof header === 'string' && header !== '' ? header : query;
  return id === undefined || id === '' ? null : id;
}

function takePlace(open: Map<number, number>, { personId }: Caller): () => void {
  const taken = open.get(personId) ?? 0;
  if (taken >= maxOfPerson) {
    const detail = `You have ${taken} streams open: close one.`;
    throw new Problem('too_many_requests', detail, [], { headers: { 'retry-after': '60' } });
  }
  open.set(personId, taken + 1);
  return () => {
    const left = (open.get(personId) ?? 1) - 1;
    if (left === 0) open.delete(personId);
    else open.set(personId, left);
  };
}

/** Whoever may not sign in any more hears nothing more: not even what was about to be written. */
function followCaller(
  { db, signIn }: EventStreamRoutes,
  request: FastifyRequest,
  caller: Caller,
  end: () => void,
) {
  const credentials = readCredentials(request)!;
  let current = Promise.resolve(caller);
  const look = async () => {
    current = signIn.check(credentials);
    await current;
  };
  const stop = db.listen(({ topic }) => {
    if (topic === peopleChanged || topic === announcementsMissed) void look().catch(end);
  });
  return { current: () => current, look, stop };
}
