// Lists and statistics go round by person: one whose filters go through every row leaves turns to the others.
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { Problem } from '../base/error.ts';
import { createTurns, type NoTurn } from '../base/turn.ts';

/** As many as there are threads for reads aside on SQLite; one person has all but one of them at most. */
const size = 3;
const maxWaiting = 1000;
const maxOfOne = 100;

/** What a query has that may go through many rows. */
const wide = ['filter', 'limit', 'from'];

export interface ListTurns {
  /** Runs `work` when it is the person's turn, where the endpoint may read many rows; else at once. */
  run<Result>(endpoint: AnyEndpoint, personId: number | null, work: () => Promise<Result>): Promise<Result>;
}

export function createListTurns(): ListTurns {
  const turns = createTurns({ size, maxWaiting: maxWaiting, maxOfOne: maxOfOne });
  return {
    async run(endpoint, personId, work) {
      if (personId === null || !isWide(endpoint)) return work();
      const end = await turns.take(personId);
      if (typeof end !== 'function') throw refuse(end);
      try {
        return await work();
      } finally {
        end();
      }
    },
  };
}

/** A file that is streamed goes at its reader's pace, and reads a page at a time. */
function isWide({ method, query, replyType }: AnyEndpoint): boolean {
  if (method !== 'GET' || replyType !== undefined || !('shape' in query)) return false;
  return wide.some((name) => Object.hasOwn(query.shape as object, name));
}

function refuse(reason: NoTurn): Problem {
  if (reason === 'closing') return new Problem('unavailable', 'The server is stopping.');
  return new Problem(
    'too_many_requests',
    'Too many of your lists are being read: wait for some of them.',
    [],
    {
      headers: { 'retry-after': '1' },
    },
  );
}
