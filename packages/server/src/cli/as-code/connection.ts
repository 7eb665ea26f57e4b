// What export and apply have in common: how they reach the server, say something, and end.
import type { Command } from 'commander';
import { createCaller, type Caller } from '@flowhook/client/caller';
import { Problem } from '@flowhook/client/problem';
import { clientSettings } from '../../base/client-config.ts';
import { readEnvironment } from '../../base/config.ts';
import { readClientConfig } from '../../base/config-source.ts';
import { SettingError } from '../../base/setting-kind.ts';
import { StartError } from '../../base/start-error.ts';
import { readToken } from '../client-token.ts';
import { addFlags, pickFlags } from '../setting-flag.ts';

const { server, token, tokenFile } = clientSettings;
const table = { server, token, tokenFile } as const;

export interface ClientFlags {
  readonly server?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

/** A recipe that is saved is checked by the engine, and may wait for others. */
const timeLimitMs = 120_000;

export function addClientFlags(command: Command): Command {
  return addFlags(command, table);
}

/** Throws `SettingError` or `StartError`. */
export function connectClient(options: ClientFlags): Caller {
  const config = readClientConfig({ env: readEnvironment(), flags: pickFlags(options, table) });
  const credentials = { token: readToken(config) };
  return createCaller({ server: config.server, credentials, timeLimitMs, checkAnswers: true });
}

export interface Say {
  /** What was asked for: a line of standard output. */
  out(line: string): void;
  /** Problems: a line of standard error. */
  err(line: string): void;
}

/** Runs a command to its exit code; what a person can mend is said in a sentence, and is 1. */
export async function runClient(name: string, work: (say: Say) => Promise<number>): Promise<void> {
  const say = {
    out: (line: string) => void process.stdout.write(`${line}\n`),
    err: (line: string) => void process.stderr.write(`${line}\n`),
  };
  try {
    process.exitCode = await work(say);
  } catch (error) {
    const plain = [Problem, SettingError, StartError].some((kind) => error instanceof kind);
    if (!plain) throw error;
    const away = error instanceof Problem && error.isPassing ? 'The server can’t be reached: ' : '';
    say.err(`flowhook ${name}: ${away}${(error as Error).message}`);
    process.exitCode = 1;
  }
}
