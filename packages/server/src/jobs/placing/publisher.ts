// The publisher: puts the files of a job that is about to end in their places, each place's jobs one after the other.
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import { findFormFault, formWayOut, type PlaceForm } from '../../flows/places/place-form.ts';
import { describeFault, lostCopy, noTurn, superseded } from './fault.ts';
import type { Turn } from './place-turn.ts';
import { bringNear, putInPlace, putSetInPlace, removeLeft, type Folders, type ToPublish } from './publish.ts';

/** What came of one file: in its place, to be tried again, or never to be put there. */
export interface Placed {
  readonly state: 'placed' | 'waits' | 'given_up';
  /** Why it is not in its place, for people; null where it is. */
  readonly reason: string | null;
}

export interface Publisher {
  /**
   * Puts files in their places once `takeTurn` gives the turn there; null is no turn, and leaves them waiting. Never
   * throws for what a file system does. Answers in the order of the files.
   */
  place(files: readonly ToPublish[], takeTurn: () => Promise<Turn | null>): Promise<Placed[]>;
}

export interface PublisherOptions {
  readonly db: Pick<Database, 'nodeId'>;
  readonly folders: Folders;
  readonly log: Log;
}

const placedWell: Placed = { state: 'placed', reason: null };
const waits = (reason: string): Placed => ({ state: 'waits', reason });
const givenUp = (reason: string): Placed => ({ state: 'given_up', reason });

export function createPublisher({ db, folders, log }: PublisherOptions): Publisher {
  /** What was logged of each file: said once, not at each round. */
  const said = new Map<string, string>();
  let count = 0;

  async function attempt<Done>(file: ToPublish, work: () => Promise<Done>): Promise<Done | Placed> {
    const name = `${file.jobId} ${file.path}`;
    try {
      return await work();
    } catch (error) {
      const { jobId, path } = file;
      const reason = describeFault(error);
      if (said.get(name) !== reason)
        log.error({ err: error, jobId, path }, 'an output could not be put in its place');
      said.set(name, reason);
      return existsSync(file.source) ? waits(reason) : givenUp(lostCopy);
    }
  }

  async function put(file: ToPublish, temporary: string, { newest, barred, forms }: Turn): Promise<Placed> {
    const another = barred.get(file.place);
    if (another !== undefined) return givenUp(another);
    if (file.action === 'overwrite' && (newest.get(file.place) ?? 0) > file.jobId) return givenUp(superseded);
    const other = findOtherForm(file, forms.get(file.place), folders);
    if (other !== null) return waits(other);
    if (file.set === null) await putInPlace(folders, temporary, file);
    else await putSetInPlace(folders, dirname(temporary), file);
    // Whoever tried before may have been cut off.
    if (file.isRepeated) await removeLeft(folders, file).catch(() => undefined);
    said.delete(`${file.jobId} ${file.path}`);
    return placedWell;
  }

  return {
    async place(files, takeTurn) {
      const near: (string | Placed)[] = [];
      const by = `${db.nodeId}-${(count += 1)}`;
      for (const [index, file] of files.entries())
        near.push(
          await attempt(file, () => bringNear(folders, file.set === null ? `${by}-${index}` : by, file)),
        );
      const sets = new Map<string, Placed>();
      try {
        const turn = near.some((each) => typeof each === 'string') ? await takeTurn() : null;
        const placed: Placed[] = [];
        for (const [index, file] of files.entries()) {
          const temporary = near[index]!;
          if (typeof temporary !== 'string') placed.push(temporary);
          else if (turn === null) placed.push(waits(noTurn));
          else if (file.set === null) placed.push(await attempt(file, () => put(file, temporary, turn)));
          else {
            const together = near.filter((_, at) => files[at]!.set === file.set);
            const late = together.find((each) => typeof each !== 'string');
            const outcome =
              sets.get(file.set) ?? late ?? (await attempt(file, () => put(file, temporary, turn)));
            sets.set(file.set, outcome);
            placed.push(outcome);
          }
        }
        return placed;
      } finally {
        await forget(near, files);
      }
    },
  };
}

/** Why a part can't come beside what stands there; what has been moved away is no hindrance. */
function findOtherForm(
  { path, form }: ToPublish,
  standing: PlaceForm | undefined,
  { outputsDir }: Folders,
): string | null {
  if (form === null || standing === undefined) return null;
  const fault = findFormFault(standing, form);
  const stands =
    fault !== null && readdirSync(join(outputsDir, dirname(path))).some((name) => !name.endsWith('.tmp'));
  return stands ? `It can't be appended: ${fault}. ${formWayOut}` : null;
}

/** What was brought near and not put in its place. */
async function forget(near: readonly (string | Placed)[], files: readonly ToPublish[]): Promise<void> {
  for (const [index, temporary] of near.entries()) {
    if (typeof temporary !== 'string') continue;
    const path = files[index]!.set === null ? temporary : dirname(temporary);
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
