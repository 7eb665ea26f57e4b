// A few children for checks, previews and detection: started when needed, kept while there is work, ended when idle.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../failure.ts';
import { startChild, type Child } from './child-process.ts';
import type { Answer, Request } from './protocol.ts';

export interface PoolOptions {
  /** Folders of single requests stand here. */
  scratchFolder: string;
  /** Children at the same time. */
  size: number;
  /** A child without work is ended after this: one takes about 100 MB. */
  idleMs: number;
}

export interface AskOptions {
  timeMs: number;
  signal?: AbortSignal | undefined;
}

export interface Pool {
  /** Asks a free child, in the order of the calls. */
  ask: (request: (folder: string) => Request, options: AskOptions) => Promise<Answer>;
  /** Process ids of the children that live. */
  pids: () => number[];
  close: () => Promise<void>;
}

/** A child is ended after this many requests, so that what one leaves behind does not add up. */
const mostRequests = 200;

interface Slot {
  child: Child;
  requests: number;
  idle: NodeJS.Timeout | undefined;
}

export function createPool(options: PoolOptions): Pool {
  const slots = new Set<Slot>();
  const free: Slot[] = [];
  const waiting: ((slot: Slot | null) => void)[] = [];
  let closed = false;
  const swept = sweep(options.scratchFolder);

  function start(): Slot {
    const slot: Slot = { child: startChild(), requests: 0, idle: undefined };
    slots.add(slot);
    void slot.child.gone.then(() => forget(slot));
    return slot;
  }

  function forget(slot: Slot): void {
    clearTimeout(slot.idle);
    slots.delete(slot);
    if (free.includes(slot)) free.splice(free.indexOf(slot), 1);
    if (!closed && waiting.length > 0 && slots.size < options.size) waiting.shift()?.(start());
  }

  async function take(): Promise<Slot | null> {
    if (closed) return null;
    const slot = free.pop();
    clearTimeout(slot?.idle);
    if (slot !== undefined) return slot;
    if (slots.size < options.size) return start();
    return new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(slot: Slot): void {
    if (!slots.has(slot)) return;
    if (slot.requests >= mostRequests) return void slot.child.kill();
    const next = waiting.shift();
    if (next !== undefined) return next(slot);
    free.push(slot);
    slot.idle = setTimeout(() => void slot.child.kill(), options.idleMs).unref();
  }

  async function ask(request: (folder: string) => Request, asking: AskOptions): Promise<Answer> {
    if (asking.signal?.aborted === true) return refusal(canceled);
    const slot = await take();
    if (slot === null) return refusal(closing);
    const folder = join(options.scratchFolder, randomUUID());
    try {
      await mkdir(folder, { recursive: true });
      return await askChild(slot, request(folder), asking);
    } finally {
      giveBack(slot);
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    ask,
    pids: () => [...slots].flatMap(({ child }) => child.pid ?? []),
    close: async () => {
      closed = true;
      for (const resolve of waiting.splice(0)) resolve(null);
      await Promise.all([...slots].map(({ child }) => child.kill()));
      await swept;
    },
  };
}

/** Takes away what killed processes left: no request lasts an hour, and other servers may share the folder. */
async function sweep(scratchFolder: string): Promise<void> {
  const names = await readdir(scratchFolder).catch(() => []);
  for (const name of names) {
    const path = join(scratchFolder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > 3_600_000)
      await rm(path, { recursive: true, force: true });
  }
}

/** A child that is over its time or no longer wanted is killed: nothing else stops every query. */
async function askChild(slot: Slot, request: Request, { timeMs, signal }: AskOptions): Promise<Answer> {
  let ended: Failure | null = null;
  const end = (failure: Failure): void => {
    ended ??= failure;
    void slot.child.kill();
  };
  const timer = setTimeout(() => end(tooSlow(timeMs)), timeMs);
  const onAbort = (): void => end(canceled);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
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
const canceled: Failure = { reason: 'canceled', message: 'The request was canceled.', hint: null };
const closing: Failure = {
  reason: 'canceled',
  message: 'The server is stopping.',
  hint: 'Ask again in a moment.',
};
const tooSlow = (timeMs: number): Failure => ({
  reason: 'time_limit',
  message: `This took longer than ${timeMs / 1000} s and was ended.`,
  hint: 'Run a job: it may take longer; or read fewer rows.',
});
