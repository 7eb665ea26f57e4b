// The spool: what is to be reported, on the disk before the first call about it, and whose it is as long as he lives.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const end = z.object({
  status: z.enum(['Complete', 'Failed']),
  errorMessage: z.string().optional(),
  percentComplete: z.number().optional(),
  facts: z.record(z.string(), z.unknown()),
  logTail: z.string(),
});

/** A run of a command as the spool holds it: one file, replaced as a whole. */
const spooledRun = z.object({
  version: z.literal(1),
  runId: z.uuid(),
  /** The server that it is meant for. The token is not stored. */
  server: z.string(),
  flow: z.string(),
  output: z.string().nullable(),
  name: z.string(),
  startedAt: z.iso.datetime(),
  heartbeatSeconds: z.int().nullable(),
  target: z.object({ flowId: z.int(), recipeId: z.int().nullable() }).nullable(),
  jobId: z.int().nullable(),
  /** Counts the jobs that were lost before their result came: such a result becomes a job of its own. */
  lostJobs: z.array(z.int()),
  /** Null while the command runs. */
  end: end.nullable(),
});

export type SpooledRun = z.output<typeof spooledRun>;
export type RunEnd = z.output<typeof end>;

export interface Spool {
  readonly folder: string;
  /** The file in which the command of a run may tell facts. */
  factsFile(runId: string): string;
  /** Takes the run for this process; false where a living process has it. */
  claim(runId: string): boolean;
  /** Writes the run; it is on the disk when this returns. */
  save(run: SpooledRun): void;
  /** Takes it away with all that belongs to it. */
  remove(runId: string): void;
  /** Keeps it out of the way: nobody reads it again by itself. Returns the file's new place. */
  setAside(name: string): string;
  /** Ids of all runs that nobody alive has; takes away what killed processes left half made. */
  listFree(): string[];
  /** Undefined where it is gone by now; throws `CorruptRun`. */
  load(runId: string): SpooledRun | undefined;
}

export class CorruptRun extends Error {}

const ending = '.json';

/** Opens the folder, made where it is not there, for its owner alone. Throws what the file system says. */
export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (runId: string, suffix: string) => join(folder, `${runId}${suffix}`);
  const isTaken = (runId: string) => isAlive(readText(at(runId, '.claim')));
  return {
    folder,
    factsFile: (runId) => at(runId, '.facts'),
    claim(runId) {
      const file = at(runId, '.claim');
      if (tryCreate(file)) return true;
      const holder = readText(file);
      if (holder === self()) return true;
      if (isAlive(holder)) return false;
      rmSync(file, { force: true });
      return tryCreate(file);
    },
    save: (run) => writeDurably(folder, at(run.runId, ending), JSON.stringify(run)),
    remove(runId) {
      for (const suffix of [ending, '.facts', '.claim']) rmSync(at(runId, suffix), { force: true });
    },
    setAside(name) {
      const aside = join(folder, 'set-aside');
      mkdirSync(aside, { recursive: true, mode: 0o700 });
      const place = join(aside, `${name}${ending}`);
      renameSync(at(name, ending), place);
      for (const suffix of ['.facts', '.claim']) rmSync(at(name, suffix), { force: true });
      return place;
    },
    listFree() {
      const names = readdirSync(folder);
      const runs = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
      for (const name of names) {
        const [runId = '', suffix] = name.split(/\.(?=json\.tmp$|facts$|claim$)/u);
        if (suffix !== undefined && !runs.includes(runId) && !isTaken(runId))
          rmSync(join(folder, name), { force: true });
      }
      return runs.filter((runId) => !isTaken(runId));
    },
    load(runId) {
      const text = readText(at(runId, ending));
      if (text === undefined) return undefined;
      try {
        return spooledRun.parse(JSON.parse(text));
      } catch {
        throw new CorruptRun(`${at(runId, ending)} is no run that this version can read`);
      }
    },
  };
}

/** Written aside, flushed, renamed, and the folder flushed: after a power cut it is there as a whole or as it was. */
function writeDurably(folder: string, path: string, text: string): void {
  const aside = `${path}.tmp`;
  const file = openSync(aside, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function tryCreate(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, self());
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** This process, so that another one with its number is told from it. */
function self(): string {
  return `${hostname()} ${process.pid} ${readBeginning(process.pid)}`;
}

function isAlive(claim: string | undefined): boolean {
  if (claim === undefined) return false;
  // Just made and not yet written: its maker is at work.
  if (claim === '') return true;
  const [host, pid, beginning] = claim.split(' ');
  // What another machine holds can't be judged from here.
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return readBeginning(Number(pid)) === beginning;
}

/** When a process began, in the kernel's ticks; 0 where /proc does not tell. A zombie is as good as gone. */
function readBeginning(pid: number): string {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return '0';
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'gone' : (fields[19] ?? '0');
}
