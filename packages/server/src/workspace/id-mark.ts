// The data folder remembers how far the ids have come: an older copy of the database that is put back gives none of them again.
import { randomUUID } from 'node:crypto';
import { access, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import { raiseSequences, readLargestIds, readSequences, type Sequences } from '../db/sequence.ts';

const fileName = 'ids.json';
/** More than a second brings, for which the file may be behind where the process was killed. */
const margin = 10_000;
/** So many numbers beyond the database's last job are looked for in the folder of jobs. */
const lookAhead = 50;
/** The file is written, and made durable, no more often. */
const writeEveryMs = 1000;

/**
 * At the start, before anything is made: where the folder has seen larger ids than the database gave, that is an older copy, and
 * its next ids lie above. A folder that is older than its database changes nothing.
 */
export async function raiseIds(db: Database, dataDir: string, log: Log): Promise<void> {
  const given = await readSequences(db.read);
  const seen = await readSeen(dataDir, given);
  const ahead = Object.entries(seen).filter(([table, last]) => table in given && last > given[table]!);
  if (ahead.length === 0) return;
  const least = Object.entries(seen).filter(([table]) => table in given);
  await db.transaction((tx) =>
    raiseSequences(tx, Object.fromEntries(least.map(([table, last]) => [table, last + margin]))),
  );
  const tables = Object.fromEntries(
    ahead.map(([table, last]) => [table, { given: given[table], seen: last }]),
  );
  log.warn({ tables }, 'the database is an older copy than its folder has seen: new ids lie above both');
}

async function readSeen(dataDir: string, given: Sequences): Promise<Sequences> {
  const marks = await readMarks(join(dataDir, fileName));
  const jobs = Math.max(marks['jobs'] ?? 0, await findLargestJob(join(dataDir, 'jobs'), given['jobs'] ?? 0));
  return { ...marks, jobs };
}

/** A file that is missing or broken says nothing. */
async function readMarks(path: string): Promise<Sequences> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    const marks = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return Object.fromEntries(
      marks.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])),
    );
  } catch {
    return {};
  }
}

/** All names are read only where one just beyond the last job is there: a folder may hold a million. */
async function findLargestJob(jobsDir: string, last: number): Promise<number> {
  const next = Array.from({ length: lookAhead }, (_, index) => join(jobsDir, String(last + 1 + index)));
  const found = await Promise.all(
    next.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (!found.includes(true)) return 0;
  const ids = (await readdir(jobsDir)).map(Number).filter(Number.isSafeInteger);
  return ids.reduce((max, id) => Math.max(max, id), 0);
}

export interface IdWatch {
  start(): void;
  /** With what is there at the end. */
  stop(): Promise<void>;
}

/** Keeps the file in step: at the first change after a pause at once, then every second while there are more. */
export function createIdWatch(db: Database, dataDir: string, onError: (error: unknown) => void): IdWatch {
  const path = join(dataDir, fileName);
  let tables: readonly string[] = [];
  let written = '';
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let writtenAt = Number.NEGATIVE_INFINITY;

  async function write(): Promise<void> {
    if (tables.length === 0) tables = Object.keys(await readSequences(db.read));
    const text = JSON.stringify(await readLargestIds(db.read, tables));
    if (text !== written) await writeDurably(path, text);
    written = text;
  }

  const writeInTurn = () => {
    writing = writing.then(write).catch(onError);
    return writing;
  };

  function note(): void {
    timer ??= setTimeout(
      () => {
        writtenAt = performance.now();
        timer = undefined;
        void writeInTurn();
      },
      Math.max(0, writtenAt + writeEveryMs - performance.now()),
    );
  }

  let stopListening = (): void => undefined;
  return {
    start() {
      stopListening = db.listen(note);
      note();
    },
    async stop() {
      stopListening();
      clearTimeout(timer);
      await writeInTurn();
    },
  };
}

/** Whole or not at all, also where two nodes write at once. */
async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
