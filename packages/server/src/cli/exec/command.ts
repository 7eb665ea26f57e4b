// Runs the wrapped command: its streams pass through unchanged, signals are handed on, the end of its output is kept.
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { createLogTail, type LogTail } from './log-tail.ts';

export interface CommandEnd {
  /** What exec ends with itself: the command's, or 128 and the signal's number; 126 and 127 as a shell has them. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly startError: string | null;
}

export interface RunningCommand {
  readonly log: LogTail;
  readonly ended: Promise<CommandEnd>;
  kill(signal: NodeJS.Signals): void;
}

export interface CommandOptions {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** False leaves the terminal to the command: no log is kept. */
  readonly keepLog: boolean;
}

/** A background process may hold the streams open after the command has ended: it is not waited for. */
const drainMs = 2000;

export function runCommand({ argv, env, keepLog }: CommandOptions): RunningCommand {
  const log = createLogTail();
  const [file = '', ...args] = argv;
  const output = keepLog ? 'pipe' : 'inherit';
  const child = spawn(file, args, { env, stdio: ['inherit', output, output] });
  const streams = Promise.all([
    passOn(child.stdout, process.stdout, log),
    passOn(child.stderr, process.stderr, log),
  ]);
  const ended = waitForEnd(child).then(async (end) => {
    await Promise.race([streams, setTimeout(drainMs, undefined, { ref: false })]);
    return end;
  });
  return { log, ended, kill: (signal) => void child.kill(signal) };
}

function waitForEnd(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      // A signal that could not be sent is no failure to start.
      if (child.pid !== undefined) return;
      resolve({ exitCode: error.code === 'ENOENT' ? 127 : 126, signal: null, startError: error.message });
    });
    child.on('exit', (code, signal) => {
      const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
      resolve({ exitCode, signal, startError: null });
    });
  });
}

/** Bytes as they come, no faster than they are taken; who closes our output closes the command's. */
function passOn(from: Readable | null, to: Writable, log: LogTail): Promise<void> {
  if (from === null) return Promise.resolve();
  return new Promise((resolve) => {
    from.on('data', (chunk: Buffer) => {
      log.add(chunk);
      if (to.writable && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    to.on('error', () => from.destroy());
    from.on('close', resolve);
    from.on('error', () => resolve());
  });
}

const handedOn = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** At a terminal the kernel sends these to the command as well: a second one would be one too many. */
const ofTerminal = new Set<string>(['SIGINT', 'SIGQUIT']);

/** Hands signals on to the command as long as it runs; afterwards the first one calls `onLate`. */
export function handOnSignals(command: RunningCommand, onLate: () => void): void {
  let isRunning = true;
  void command.ended.then(() => (isRunning = false));
  for (const signal of handedOn)
    process.on(signal, () => {
      if (!isRunning) onLate();
      else if (!(process.stdin.isTTY && ofTerminal.has(signal))) command.kill(signal);
    });
}
