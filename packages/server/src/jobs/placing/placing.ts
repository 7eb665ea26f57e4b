// How results come to their places, put together: as jobs end, and later what could not be put there then.
import { join } from 'node:path';
import type { WorkLoop } from '../../base/work-loop.ts';
import type { Ground } from '../../workspace/ground.ts';
import { createLatePlacing } from './late-placing.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { addPlacingMetrics, checkWaiting } from './waiting-file.ts';

export interface Placing {
  readonly publisher: Publisher;
  /** What could not be put in its place when its job ended. */
  readonly late: WorkLoop;
}

export function createPlacing({ db, dataDir, log, clock, onError, metrics, readiness }: Ground): Placing {
  const folders = { outputsDir: join(dataDir, 'outputs'), jobsDir: join(dataDir, 'jobs') };
  const publisher = createPublisher({ db, folders, log });
  addPlacingMetrics(metrics, db);
  // The API goes on: what is in the way of a file is in nobody else's.
  readiness.addNote('places', () => checkWaiting(db.read));
  return { publisher, late: createLatePlacing({ db, publisher, now: clock.now, onError }) };
}
