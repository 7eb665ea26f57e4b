// Reads that all see the database at the same moment.
import type { Read } from './database.ts';
import { speak } from './dialect.ts';

/** Runs `work` on one moment of the database, whatever others write meanwhile. */
export function readMoment<Result>(db: Read, work: (moment: Read) => Promise<Result>): Promise<Result> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((tx) => work(speak(tx, db.dialect)));
}
