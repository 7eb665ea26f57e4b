// A DuckDB child seen from the server: started within walls, asked one thing at a time, ended at any moment.
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Progress } from '../engine.ts';
import type { Failure } from '../failure.ts';
import type { Answer, Message, Request } from './protocol.ts';
import { findProgram } from './wall/program.ts';
import type { ChildPlace, Started, Walls } from './wall/wall.ts';

export interface Child {
  readonly pid: number | undefined;
  /** Inputs that were copied, with what tells the copies. */
  readonly copies: Started['copies'];
  /** Resolves when it takes requests, or is gone. */
  readonly ready: Promise<void>;
  /** Settles with the answer, or with the failure `crashed` when the child ends before it. */
  ask: (request: Request, onProgress?: (progress: Progress) => void) => Promise<Answer>;
  /** Kills it at once; resolves when it is gone. Repeatable. */
  kill: () => Promise<void>;
  /** Resolves when it is gone, for whatever reason. */
  readonly gone: Promise<void>;
}

const stderrKept = 2_000;

/** Starts a child in a folder of its own. */
export async function startChild(walls: Walls, place: ChildPlace): Promise<Child> {
  const { child, copies, kill, gone: ended } = await walls.start(place, findProgram());
  const tail = keepTail(child);
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  void ended.then(onGone);
  // Where it could not even be started.
  child.on('error', () => child.pid === undefined && onGone());
  return {
    pid: child.pid,
    copies,
    ready: waitUntilReady(child, gone),
    ask: (request, onProgress) => ask(child, request, { onProgress, tail, gone }),
    kill: () => {
      kill();
      return gone;
    },
    gone,
  };
}

function waitUntilReady(child: ChildProcess, gone: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onMessage = ({ kind }: Message): void => {
    if (kind !== 'ready') return;
    child.off('message', onMessage);
    resolve();
  };
  child.on('message', onMessage);
  return Promise.race([promise, gone]);
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-stderrKept);
  });
  return () => tail.trim();
}

interface Asking {
  onProgress: ((progress: Progress) => void) | undefined;
  tail: () => string;
  gone: Promise<void>;
}

function ask(child: ChildProcess, request: Request, { onProgress, tail, gone }: Asking): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const onMessage = (message: Message): void => {
    if (message.kind === 'progress') onProgress?.(message.progress);
    else if (message.kind === 'answer') resolve(message.answer);
  };
  const onGone = (): void => resolve({ ok: false, failure: crash(...readEnd(child), tail()), steps: [] });
  child.on('message', onMessage);
  void gone.then(onGone);
  if (child.connected) child.send(request, () => undefined);
  return promise.finally(() => child.off('message', onMessage));
}

/** bubblewrap ends with 128 and the number of the signal that ended its child. */
function readEnd({ exitCode, signalCode }: ChildProcess): [code: number | null, signal: string | null] {
  if (exitCode === null || exitCode <= 128) return [exitCode, signalCode];
  const [name] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? [];
  return [exitCode, name ?? null];
}

function crash(code: number | null, signal: string | null, tail: string): Failure {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  const said = tail === '' ? '' : ` It said: ${tail.slice(-500)}`;
  return {
    reason: 'crashed',
    message: `The engine's process was ended ${how}.${said}`,
    hint:
      signal === 'SIGKILL'
        ? 'The system may have run out of memory: lower the memory limit or run fewer jobs at once, and run it again.'
        : 'Run it again; if it fails in the same way, simplify the recipe.',
  };
}
