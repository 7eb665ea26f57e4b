// Which walls stand on this system: each is tried with a real child, the strongest that works is taken.
import { access, mkdtemp, rm } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StartError } from '../../../base/start-error.ts';
import { setpriv } from './bubblewrap.ts';
import { writeCallFilter } from './call-filter.ts';
import { createProcessLimit } from './process-limit.ts';
import { findProgram } from './program.ts';
import { unshare } from './unshare.ts';
import { createStart, noWalls, type Wall, type Walls } from './wall.ts';

/** auto: the strongest that there is. required: bubblewrap, or no start. off: none. */
export type SandboxMode = 'auto' | 'required' | 'off';

/** `nobody`, who owns nothing. */
const nobody = 65_534;
const bwrapPaths = [
  '/usr/bin/bwrap',
  '/bin/bwrap',
  '/usr/local/bin/bwrap',
  '/run/current-system/sw/bin/bwrap',
];
const longestTryMs = 20_000;

export interface RaiseOptions {
  readonly mode: SandboxMode;
  readonly dataDir: string;
}

/** Throws `StartError` where bubblewrap is required and can't stand. */
export async function raiseWalls({ mode, dataDir }: RaiseOptions): Promise<Walls> {
  if (mode === 'off') return noWalls('none: FLOWHOOK_SANDBOX is off');
  const { wall, lacking } = await findWall(dataDir);
  if (mode === 'required' && wall.kind !== 'bubblewrap')
    throw new StartError(
      `FLOWHOOK_SANDBOX is required, but queries can't be walled in here: ${lacking}. Install bubblewrap and let this user make namespaces (in a container: docs/operations.md has its options), or set FLOWHOOK_SANDBOX to auto.`,
    );
  return { kind: wall.kind, detail: describe(wall, lacking), start: createStart(wall) };
}

interface Found {
  wall: Wall;
  /** Why the next stronger one does not stand. */
  lacking: string | null;
}

async function findWall(dataDir: string): Promise<Found> {
  const isRoot = process.getuid?.() === 0;
  const ownFolders = [...new Set([resolve(dataDir), realpathIfThere(dataDir)])];
  const limit = await createProcessLimit();
  const none: Wall = { kind: 'none', bwrap: '', user: null, filter: null, isRoot, ownFolders, limit };
  const bwrap = await findFirst(bwrapPaths);
  const hasSetpriv = (await findFirst([setpriv])) !== null;
  let lacking = 'bubblewrap (bwrap) is not installed';
  if (bwrap !== null) {
    const user = isRoot && hasSetpriv ? nobody : null;
    const unfiltered: Wall = { ...none, kind: 'bubblewrap', bwrap, user };
    const wall = { ...unfiltered, filter: writeCallFilter(process.arch) };
    const noUser = isRoot && user === null ? 'setpriv is missing' : null;
    const fault = await tryWall(wall);
    if (fault === null) return { wall, lacking: noUser };
    // Some sandboxes that the server itself runs in take no filter.
    if ((await tryWall(unfiltered)) === null)
      return { wall: unfiltered, lacking: noUser ?? `the filter of system calls does not work (${fault})` };
    lacking = `bubblewrap does not work (${fault})`;
  }
  const wall: Wall = { ...none, kind: 'namespaces' };
  if (hasSetpriv && (await findFirst([unshare])) !== null && (await tryWall(wall)) === null)
    return { wall, lacking };
  return { wall: none, lacking };
}

const realpathIfThere = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
};

async function findFirst(paths: readonly string[]): Promise<string | null> {
  for (const path of paths)
    if (await access(path).then(() => true, () => false)) return path; // prettier-ignore
  return null;
}

/** Starts Node where a child would be, and has it find the child's program and its own folder; null where it does. */
async function tryWall(wall: Wall): Promise<string | null> {
  const { file, args } = findProgram();
  const look = `const { accessSync } = require('node:fs'); accessSync(${JSON.stringify(args.at(-1))}); accessSync('in');`;
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-wall-'));
  try {
    const { child, kill } = await createStart(wall)(
      { folder, writes: [], inputs: [] },
      { file, args: ['-e', look] },
    );
    const timer = setTimeout(kill, longestTryMs);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise<number | null>((done) => {
      child.once('error', (error) => {
        said += error.message;
        done(-1);
      });
      child.once('close', done);
    });
    clearTimeout(timer);
    return code === 0
      ? null
      : (said.trim().split('\n')[0] ?? '').slice(0, 200) || `it ended with code ${code}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describe({ kind, user, filter }: Wall, lacking: string | null): string {
  const why = lacking === null ? '' : `; ${lacking}`;
  if (kind === 'none') return `none${why}`;
  if (kind === 'namespaces')
    return `no network and no other process for queries, but every file of the server's user${why}`;
  return `bubblewrap: queries see their own files alone, no network, no other process${user === null ? '' : ', as a user of their own'}${filter === null ? '' : ', fewer system calls'}${why}`;
}
