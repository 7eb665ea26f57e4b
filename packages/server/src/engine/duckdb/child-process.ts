// A DuckDB child seen from the server: forked, asked one thing at a time, ended at any moment.
import { fork, type ChildProcess } from 'node:child_process';
import type { Progress } from '../engine.ts';
import type { Failure } from '../failure.ts';
import type { Answer, Message, Request } from './protocol.ts';

export interface Child {
  readonly pid: number | undefined;
  /** Settles with the answer, or with the failure `crashed` when the child ends before it. */
  ask: (request: Request, onProgress?: (progress: Progress) => void) => Promise<Answer>;
  /** Kills it at once; resolves when it is gone. Repeatable. */
  kill: () => Promise<void>;
  /** Resolves when it is gone, for whatever reason. */
  readonly gone: Promise<void>;
}

const stderrKept = 2_000;

// tsc rewrites imports, not this: the child has the ending that this file has.
const childFile = new URL(`./task/child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Starts a child. Nothing of our environment goes with it: keys and passwords stand there. */
export function startChild(): Child {
  const child = fork(childFile, [], {
    env: { TZ: 'UTC' },
    execArgv: process.execArgv.filter((flag) => flag.startsWith('--conditions=')),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const tail = keepTail(child);
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  child.once('close', () => onGone());
  child.on('error', () => undefined);
  return {
    pid: child.pid,
    ask: (request, onProgress) => ask(child, request, { onProgress, tail }),
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
    gone,
  };
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
}

function ask(child: ChildProcess, request: Request, { onProgress, tail }: Asking): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const onMessage = (message: Message): void => {
    if (message.kind === 'progress') onProgress?.(message.progress);
    else resolve(message.answer);
  };
  const onClose = (code: number | null, signal: string | null): void =>
    resolve({ ok: false, failure: crash(code, signal, tail()), steps: [] });
  child.on('message', onMessage);
  child.once('close', onClose);
  if (child.exitCode !== null || child.signalCode !== null) onClose(child.exitCode, child.signalCode);
  else child.send(request, () => undefined);
  return promise.finally(() => {
    child.off('message', onMessage);
    child.off('close', onClose);
  });
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
