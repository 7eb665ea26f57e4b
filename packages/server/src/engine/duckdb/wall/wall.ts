// A child within the walls that this system has: started in a folder of its own, with its inputs in it, and ended whole.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { firstDescriptor, handInputs, type Handed, type Handing } from '../input/hand-input.ts';
import type { OpenInput } from '../input/open-input.ts';
import { channelDescriptor } from '../line-channel.ts';
import { writeArguments } from './bubblewrap.ts';
import { findProgramPaths, type Program } from './program.ts';
import { wrapInNamespaces } from './unshare.ts';

export interface ChildPlace {
  /** The child's working folder: an existing one with nothing in it but what the child may see. */
  readonly folder: string;
  /** Folders below it that it may write, beside itself; null where it writes nothing. */
  readonly writes: readonly string[] | null;
  readonly inputs: readonly OpenInput[];
}

export interface Started {
  readonly child: ChildProcess;
  /** Inputs that were copied, with what tells the copies. */
  readonly copies: Handed['copies'];
  /** Ends the child with all that it started. */
  readonly kill: () => void;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
}

/** bubblewrap: the child sees its files alone, no network, no other process. namespaces: the same but for files. */
export type WallKind = 'bubblewrap' | 'namespaces' | 'none';

export interface Walls {
  readonly kind: WallKind;
  /** What stands, or why no more does, in words for an administrator. */
  readonly detail: string;
  readonly start: (place: ChildPlace, program: Program) => Promise<Started>;
}

export interface Wall {
  kind: WallKind;
  /** The path of the program `bwrap`. */
  bwrap: string;
  /** The child's own user, with bubblewrap alone: the engine opens files by whole paths, and ours lead through folders of our own. */
  user: number | null;
  /** The filter of system calls, with bubblewrap alone; null where none stands. */
  filter: Buffer | null;
  isRoot: boolean;
  /** Folders of the server: their files may be given to the child's user, and no child ever sees them whole. */
  ownFolders: readonly string[];
  /** The command that runs a program within limits of the system; `isAlone`: no process of the server counts with it. */
  limit: (program: Program, isAlone: boolean) => Program;
}

/** The environment of every child: keys and passwords stand in ours. */
const env = { TZ: 'UTC' };
const infoDescriptor = 4;
const filterDescriptor = 5;
/** bubblewrap says some hundred characters. */
const maxInfo = 4096;

export function createStart(wall: Wall): Walls['start'] {
  const how: Handing = {
    by: wall.kind === 'bubblewrap' ? 'bind' : 'descriptor',
    user: wall.user,
    ownFolders: wall.ownFolders,
  };
  return async (place, program) => {
    await mkdir(join(place.folder, 'in'), { recursive: true });
    const handed = await handInputs(place.folder, place.inputs, how);
    if (wall.user !== null) await giveFolders(place, wall.user);
    const child =
      wall.kind === 'bubblewrap'
        ? startWrapped(wall, place, program, handed)
        : startBare(wall, place, program, handed);
    return { copies: handed.copies, ...child };
  };
}

async function giveFolders({ folder, writes }: ChildPlace, user: number): Promise<void> {
  // What it only reads it has to enter, too: a careful server makes folders for its own user alone.
  const names = ['.', 'in', ...(writes ?? [])];
  for (const name of names) await chown(join(folder, name), user, user);
}

function startWrapped(wall: Wall, place: ChildPlace, program: Program, { binds }: Handed) {
  const { user, isRoot, ownFolders: hidden } = wall;
  const { folder, writes } = place;
  const programPaths = findProgramPaths();
  const cell = {
    folder,
    writes: writes !== null,
    binds,
    program,
    programPaths,
    hidden,
    user,
    unshareUser: !isRoot,
    infoDescriptor,
    filterDescriptor: wall.filter === null ? null : filterDescriptor,
  };
  const limited = wall.limit({ file: wall.bwrap, args: writeArguments(cell) }, true);
  const child = spawn(limited.file, limited.args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', wall.filter === null ? 'ignore' : 'pipe'],
  });
  giveFilter(child, wall.filter);
  const inner = readInnerPid(child);
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  let asked = false;
  child.once('close', () => resolve());
  child.once('exit', (_code, signal) => {
    if (signal !== null && !asked && !endOrphan(child, inner())) resolve();
  });
  const kill = (): void => {
    asked = true;
    endWrapped(child);
  };
  return { child, kill, gone };
}

/** bubblewrap reads it to its end before it starts anything; one that ends early has no use for it. */
function giveFilter(child: ChildProcess, filter: Buffer | null): void {
  const pipe = filterOf(child);
  pipe?.on('error', () => undefined);
  pipe?.end(filter ?? '');
}

const filterOf = ({ stdio }: ChildProcess): Socket | null | undefined =>
  (stdio as readonly unknown[])[filterDescriptor] as Socket | null | undefined;

/** bubblewrap's first process in the child's namespace: with it everything there ends, whatever it tries. */
function readInnerPid(child: ChildProcess): () => number | null {
  let text = '';
  const info = child.stdio[infoDescriptor] as Readable | null | undefined;
  info?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.length > maxInfo) info.destroy();
  });
  info?.on('error', () => undefined);
  return () => {
    const found = /"child-pid": (\d+)/u.exec(text)?.[1];
    return found === undefined ? null : Number(found);
  };
}

/**
 * bubblewrap ends with what it watches. Killed itself before it had set its child up, it would leave that waiting for
 * ever: so it is stopped, and its children end first.
 */
function endWrapped(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGSTOP');
  for (const inner of listChildren(pid)) killQuietly(inner);
  child.kill('SIGKILL');
}

function listChildren(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Somebody else killed bubblewrap: its child is ended, or let go of (false) where it had not told who it is. */
function endOrphan(child: ChildProcess, inner: number | null): boolean {
  if (inner !== null) {
    killQuietly(inner);
    return true;
  }
  (child.stdio[channelDescriptor] as Socket | null | undefined)?.destroy();
  child.stderr?.destroy();
  (child.stdio[infoDescriptor] as Readable | null | undefined)?.destroy();
  filterOf(child)?.destroy();
  return false;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function startBare(wall: Wall, { folder }: ChildPlace, program: Program, { descriptors }: Handed) {
  // What bubblewrap would tell on is empty, so that the inputs' descriptors are the same.
  const stdio = ['ignore' as const, 'ignore' as const, 'pipe' as const, 'pipe' as const, 'ignore' as const];
  if (stdio.length !== firstDescriptor) throw new Error('the inputs have other descriptors');
  const walled = wall.kind === 'namespaces' ? wrapInNamespaces(program, wall.isRoot) : program;
  const { file, args } = wall.limit(walled, false);
  const child = spawn(file, args, { cwd: folder, env, stdio: [...stdio, ...descriptors] });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return { child, kill: () => void child.kill('SIGKILL'), gone };
}

/** The children of a server that was told to raise none: DuckDB's own restrictions hold them. */
export const noWalls = (detail: string): Walls => ({
  kind: 'none',
  detail,
  start: createStart({
    kind: 'none',
    bwrap: '',
    user: null,
    filter: null,
    isRoot: false,
    ownFolders: [],
    limit: (program) => program,
  }),
});
