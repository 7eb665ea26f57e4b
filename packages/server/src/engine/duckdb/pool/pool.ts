// A few children for what is short: started when needed, kept warm for the same inputs, ended when idle.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../dataset.ts';
import type { Failure } from '../../failure.ts';
import { startChild, type Child } from '../child-process.ts';
import { tellCopies } from '../input/hand-input.ts';
import { openInputs, type MayRead, type OpenInputs } from '../input/open-input.ts';
import type { Answer, HandedFiles, Request } from '../protocol.ts';
import type { Walls } from '../wall/wall.ts';
import { busy, canceled, closing, notStarted, tooSlow } from './pool-failure.ts';
import { createTurns, type Asker, type NoTurn } from '../../../base/turn.ts';

export interface PoolOptions {
  /** Folders of children stand here. */
  scratchFolder: string;
  /** Children at the same time. */
  size: number;
  /** A child without work is ended after this: one takes about 100 MB. */
  idleMs: number;
  walls: Walls;
  mayRead: MayRead;
}

export interface Asking {
  /** Turns go round by asker. */
  asker: Asker;
  /** From the moment that a child has it. */
  timeMs: number;
  signal?: AbortSignal | undefined;
  /** What is read. */
  datasets: readonly Pick<Dataset, 'files'>[];
}

export interface Pool {
  /** Asks a child that has the datasets' files, and no other file. */
  ask: (asking: Asking, request: (files: HandedFiles) => Request) => Promise<Answer>;
  /** Process ids of the children that live. */
  pids: () => number[];
  running: () => number;
  waiting: () => number;
  close: () => Promise<void>;
}

/** A child is ended after this many requests, so that what one leaves behind does not add up. */
const maxRequests = 200;
/** A flow with a hundred recipes is checked as one person's. */
const maxOfOne = 200;
const maxWaiting = 1_000;

interface Slot {
  child: Child;
  /** Which files it has, and for whom; null where nobody else may have it. */
  key: string | null;
  requests: number;
  idle: NodeJS.Timeout | undefined;
  gone: boolean;
}

export function createPool(options: PoolOptions): Pool {
  const { scratchFolder, size, idleMs, walls, mayRead } = options;
  const turns = createTurns({ size, maxWaiting, maxOfOne });
  const slots = new Set<Slot>();
  const free = new Set<Slot>();
  const removals = new Set<Promise<void>>([sweep(scratchFolder)]);
  let closed = false;

  async function start(key: string, inputs: OpenInputs): Promise<Slot> {
    const folder = join(scratchFolder, randomUUID());
    const clear = (): Promise<void> => rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const child = await startChild(walls, { folder, writes: [], inputs: inputs.open }).catch(
      async (error) => {
        await clear();
        throw error;
      },
    );
    // A copy is of one moment: the next request opens the file anew.
    const slot: Slot = {
      child,
      key: child.copies.size > 0 ? null : key,
      requests: 0,
      idle: undefined,
      gone: false,
    };
    slots.add(slot);
    const removal = child.gone.then(async () => {
      slot.gone = true;
      clearTimeout(slot.idle);
      free.delete(slot);
      await clear();
      slots.delete(slot);
      removals.delete(removal);
    });
    removals.add(removal);
    return slot;
  }

  /** A child that has just these inputs; there is always room, as there are as many turns as children. */
  async function seat(key: string, inputs: OpenInputs): Promise<Slot> {
    const found = [...free].find((slot) => slot.key === key);
    if (found !== undefined) {
      free.delete(found);
      clearTimeout(found.idle);
      return found;
    }
    const [oldest] = free;
    if (slots.size >= size && oldest !== undefined) {
      free.delete(oldest);
      await oldest.child.kill();
    }
    return start(key, inputs);
  }

  function giveBack(slot: Slot): void {
    if (slot.gone) return;
    if (closed || slot.key === null || slot.requests >= maxRequests) return void slot.child.kill();
    free.add(slot);
    slot.idle = setTimeout(() => void slot.child.kill(), idleMs).unref();
  }

  async function ask(asking: Asking, request: (files: HandedFiles) => Request): Promise<Answer> {
    const turn = await turns.take(asking.asker, asking.signal);
    if (typeof turn === 'string') return refusal(noTurn[turn]);
    try {
      return await serve(asking, request);
    } catch (error) {
      return refusal(notStarted(error));
    } finally {
      turn();
    }
  }

  async function serve(asking: Asking, request: (files: HandedFiles) => Request): Promise<Answer> {
    const inputs = await openInputs(asking.datasets, mayRead);
    try {
      const slot = await seat(keyOf(asking, inputs), inputs);
      try {
        return await askChild(slot, request(tellCopies(inputs.handed, slot.child.copies)), asking);
      } finally {
        giveBack(slot);
      }
    } finally {
      await inputs.close();
    }
  }

  return {
    ask,
    pids: () => [...slots].flatMap(({ child }) => child.pid ?? []),
    running: turns.running,
    waiting: turns.waiting,
    close: async () => {
      closed = true;
      turns.close();
      await Promise.all([...slots].map(({ child }) => child.kill()));
      await Promise.all(removals);
    },
  };
}

/** Whoever reads nothing may have any child that has nothing. */
function keyOf({ asker }: Asking, { open }: OpenInputs): string {
  if (open.length === 0) return '';
  return JSON.stringify([asker, open.map(({ name, identity }) => [name, identity])]);
}

/** Takes away what killed processes left: no child lives a day, and other servers may share the folder. */
async function sweep(scratchFolder: string): Promise<void> {
  const names = await readdir(scratchFolder).catch(() => []);
  for (const name of names) {
    const path = join(scratchFolder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > 86_400_000)
      await rm(path, { recursive: true, force: true });
  }
}

/** A child that is over its time or no longer wanted is killed: nothing else stops every query. */
async function askChild(slot: Slot, request: Request, { timeMs, signal }: Asking): Promise<Answer> {
  let ended: Failure | null = null;
  const end = (failure: Failure): void => {
    ended ??= failure;
    void slot.child.kill();
  };
  const onAbort = (): void => end(canceled);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  await slot.child.ready;
  const timer = setTimeout(() => end(tooSlow(request.kind, timeMs)), timeMs);
  slot.requests += 1;
  const answer = await slot.child.ask(request);
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  if (ended === null && !isSpent(answer)) return answer;
  await slot.child.kill();
  return ended === null ? answer : refusal(ended);
}

/** After these its child is dead, or still busy with what took the memory. */
const isSpent = (answer: Answer): boolean =>
  'ok' in answer && !answer.ok && ['crashed', 'out_of_memory'].includes(answer.failure.reason);
const refusal = (failure: Failure): Answer => ({ ok: false, failure });
const noTurn: Readonly<Record<NoTurn, Failure>> = { canceled, closing, busy };
