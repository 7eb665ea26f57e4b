// A DuckDB child seen from the server: started within walls, asked one thing at a time, ended at any moment.
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Progress } from '../engine.ts';
import type { Failure } from '../failure.ts';
import { channelDescriptor, readLines, writeLine } from './line-channel.ts';
import { readMessage } from './message.ts';
import type { Answer, Request } from './protocol.ts';
import { findProgram, type Program } from './wall/program.ts';
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
/** Of a child's complaints no more is read. */
const stderrRead = 256 * 1024;
/** A preview of 1,000 rows of 16 columns, each cell as long as it may be. Progress comes some times a second. */
const bounds = { maxBytes: 32 * 1024 * 1024, burst: 500, perSecond: 100 };

/** Starts a child in a folder of its own. `program` is another one in tests alone. */
export async function startChild(
  walls: Walls,
  place: ChildPlace,
  program: Program = findProgram(),
): Promise<Child> {
  const { child, copies, kill, gone: ended } = await walls.start(place, program);
  const tail = keepTail(child);
  const talk = createTalk(child, kill);
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  void ended.then(onGone);
  // Where it could not even be started.
  child.on('error', () => child.pid === undefined && onGone());
  return {
    pid: child.pid,
    copies,
    ready: Promise.race([talk.ready, gone]),
    ask: (request, onProgress) => ask(child, talk, request, { onProgress, tail, gone }),
    kill: () => {
      kill();
      return gone;
    },
    gone,
  };
}

interface Asked {
  readonly kind: Request['kind'];
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly onAnswer: (answer: Answer) => void;
}

interface Talk {
  readonly ready: Promise<void>;
  /** Why the child was ended by us: it said what no child may say. */
  readonly breach: () => string | null;
  readonly send: (request: Request, asked: Asked) => void;
}

/** What is not within the bounds, or not what was asked for, ends the child: it may have been taken over by its query. */
function createTalk(child: ChildProcess, kill: () => void): Talk {
  const channel = child.stdio[channelDescriptor] as Socket | null | undefined;
  const { promise: ready, resolve: onReady } = Promise.withResolvers<void>();
  let asked: Asked | null = null;
  let isReady = false;
  let breach: string | null = null;
  const onBreach = (why: string): void => {
    breach ??= why;
    kill();
  };
  const onLine = (line: string): void => {
    // After an answer, and before the next request, there is nothing to say.
    const isIdle = isReady && asked === null;
    const message = isIdle ? null : readMessage(line, isReady ? asked!.kind : null);
    if (message === null) return onBreach('something that nobody asked for');
    if (message.kind === 'progress') return asked?.onProgress?.(message.progress);
    if (message.kind === 'ready') {
      isReady = true;
      return onReady();
    }
    const { onAnswer } = asked!;
    asked = null;
    onAnswer(message.answer);
  };
  channel?.on('error', () => undefined);
  if (channel) readLines(channel, bounds, { onLine, onBreach }, () => performance.now());
  return {
    ready,
    breach: () => breach,
    send(request, next) {
      asked = next;
      if (channel) writeLine(channel, request);
    },
  };
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  let length = 0;
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-stderrKept);
    length += text.length;
    if (length > stderrRead) child.stderr?.destroy();
  });
  return () => tail.trim();
}

interface Asking {
  onProgress: ((progress: Progress) => void) | undefined;
  tail: () => string;
  gone: Promise<void>;
}

function ask(
  child: ChildProcess,
  talk: Talk,
  request: Request,
  { onProgress, tail, gone }: Asking,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const onGone = (): void => {
    const why = talk.breach();
    const failure = why === null ? crash(...readEnd(child), tail()) : overstep(why);
    resolve({ ok: false, failure, steps: [] });
  };
  void gone.then(onGone);
  talk.send(request, { kind: request.kind, onProgress, onAnswer: resolve });
  return promise;
}

function overstep(why: string): Failure {
  return {
    reason: 'crashed',
    message: `The engine's process was ended, as it sent ${why}.`,
    hint: 'Run it again with a simpler recipe, or with fewer or shorter values.',
  };
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
