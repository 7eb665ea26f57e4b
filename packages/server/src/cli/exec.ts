// flowhook exec: wraps a command and reports its run as an external job; a client of the public API.
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { createCaller } from '@flowhook/client/caller';
import { createReportClient } from '@flowhook/client/report-client';
import { clientSettings, type ClientConfig } from '../base/client-config.ts';
import { readEnvironment } from '../base/config.ts';
import { readClientConfig } from '../base/config-source.ts';
import { StartError } from '../base/start-error.ts';
import { deliverLeftovers } from './exec/leftover.ts';
import { runWrapped } from './exec/run.ts';
import { openSpool, type Spool } from './exec/spool.ts';
import { readToken } from './client-token.ts';
import { addFlags, pickFlags, type FlagValues } from './setting-flag.ts';

/** What exec ends with where it could not begin: no command of a shell has it. */
const ownFailure = 125;

/** Longer than a report takes on a loaded server, and short enough to notice a dead connection. */
const timeLimitMs = 15_000;

type ExecOptions = FlagValues & { readonly deliver?: true; readonly log?: boolean };

export function addExec(program: Command): void {
  const command = program
    .command('exec')
    .description('Run any command and report it as a job of a flow; its exit code is passed on.')
    .usage('--flow FLOW [--output RECIPE] [options] -- COMMAND [ARGUMENT ...]')
    .argument('[command...]', 'The command with its arguments, after --.')
    .option('--flow <flow>', 'The flow that the job belongs to: its id or its name.')
    .option('--output <recipe>', 'The recipe whose output the command makes: its id or its name in the flow.')
    .option('--name <name>', 'The job’s name; the command’s file name unless given.')
    .option('--no-log', 'Leave the terminal to the command, and keep no log.')
    .option('--deliver', 'Run nothing: deliver what earlier runs left in the spool.');
  addFlags(command, clientSettings).action(exec);
}

async function exec(argv: readonly string[], options: ExecOptions): Promise<void> {
  const leave = (code: number) => leaveWith(code);
  try {
    await leave(await (options.deliver === true ? deliver(options) : wrap(argv, options)));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    say(error.message);
    await leave(ownFailure);
  }
}

async function wrap(argv: readonly string[], options: ExecOptions): Promise<number> {
  const config = readConfigOf(options);
  const { flow, output, name } = options;
  if (argv.length === 0)
    throw new StartError('Name the command after --, as in: flowhook exec --flow 7 -- dbt run');
  if (flow === undefined || flow === '')
    throw new StartError('--flow is needed: the id or the name of a flow.');
  return runWrapped({
    ...connect(config),
    flow,
    output: output ?? null,
    name: (name ?? basename(argv[0]!)).slice(0, 200),
    argv,
    env: readEnvironment(),
    heartbeatSeconds: config.heartbeatSeconds === 0 ? null : config.heartbeatSeconds,
    waitMs: config.waitSeconds * 1000,
    keepLog: options.log !== false,
  });
}

/** 0 where nothing is left, else 1. */
async function deliver(options: ExecOptions): Promise<number> {
  return (await deliverLeftovers(connect(readConfigOf(options)))) === 0 ? 0 : 1;
}

function readConfigOf(options: ExecOptions): ClientConfig {
  return readClientConfig({ env: readEnvironment(), flags: pickFlags(options, clientSettings) });
}

function connect(config: ClientConfig) {
  const { server } = config;
  const credentials = { token: readToken(config) };
  // The reporter itself tries again, in its own time.
  const client = createReportClient(createCaller({ server, credentials, timeLimitMs, retries: 0 }));
  return { client, server, spool: open(config.spool ?? join(homedir(), '.local/state/flowhook/exec')), say };
}

function open(folder: string): Spool {
  try {
    return openSpool(resolve(folder));
  } catch (error) {
    throw new StartError(
      `The spool folder can't be used: ${(error as Error).message}. Choose one with --spool.`,
    );
  }
}

/** Beside the command's own output, so that it is told from it. */
function say(text: string): void {
  process.stderr.write(`flowhook exec: ${text}\n`);
}

/** Ends this process when all that was passed on is written. */
async function leaveWith(code: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) =>
        new Promise<void>((done) => {
          if (!stream.writable) done();
          else stream.write('', () => done());
        }),
    ),
  );
  process.exit(code);
}
