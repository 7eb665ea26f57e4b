// Watches over what is held: nobody claims it, so its maximum age is looked after here.
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database } from '../../db/database.ts';
import { deliveriesChanged } from './new-delivery.ts';
import { expireHeld } from './held-delivery.ts';

/** How late an end by age may be noticed. */
const lookEveryMs = 10_000;
/** Ended in one transaction at most, so that nobody waits long for its locks. */
const batch = 500;

export function createHeldWatch(
  db: Database,
  now: () => number,
  onError: (error: unknown) => void,
): WorkLoop {
  const round = async () => (await endBatch(db)) === batch;
  return createWorkLoop({ round, pollMs: lookEveryMs, onError, now });
}

async function endBatch(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const ended = await expireHeld(tx, batch);
    const byFlow = Map.groupBy(ended, ({ flowId }) => flowId);
    for (const [flowId, rows] of byFlow)
      db.announce(tx, { topic: deliveriesChanged, flowId, ids: rows.map(({ id }) => id) });
    return ended.length;
  });
}
