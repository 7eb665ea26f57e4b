// One wrapped run: stored, started, reported while it lives, its end stored, told, and waited for within bounds.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JobReport, ReportClient } from '@flowhook/client/report-client';
import { handOnSignals, runCommand, type CommandEnd, type RunningCommand } from './command.ts';
import { deliverLeftovers } from './leftover.ts';
import { startReporter } from './reporter.ts';
import type { RunEnd, Spool, SpooledRun } from './spool.ts';
import { nothingTold, readTold, type Told } from './fact-line.ts';

export interface RunOptions {
  readonly client: ReportClient;
  readonly spool: Spool;
  readonly server: string;
  readonly flow: string;
  readonly output: string | null;
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Null where no heartbeat is promised. */
  readonly heartbeatSeconds: number | null;
  /** How long exec stays after its command to deliver what is left, milliseconds. */
  readonly waitMs: number;
  readonly keepLog: boolean;
  say(text: string): void;
}

/** How often the file of facts is looked at. */
const lookMs = 1000;
/** Where no heartbeat is promised, progress is told this often. */
const usualEveryMs = 20_000;

/** Runs the command to its end; gives the exit code. Never throws for what the server does. */
export async function runWrapped(options: RunOptions): Promise<number> {
  const { spool, say } = options;
  const run = makeRun(options);
  spool.claim(run.runId);
  spool.save(run);
  const factsFile = spool.factsFile(run.runId);
  const began = performance.now();
  const env = { ...options.env, FLOWHOOK_FACTS: factsFile, FLOWHOOK_RUN_ID: run.runId };
  const command = runCommand({ argv: options.argv, env, keepLog: options.keepLog });
  const reporter = startReporter({
    ...options,
    run,
    everyMs: options.heartbeatSeconds === null ? usualEveryMs : (options.heartbeatSeconds * 1000) / 3,
    readProgress: () => toProgress(readFacts(factsFile, false), command),
  });
  const leftovers = deliverLeftovers(options);
  const waiting = Promise.withResolvers<void>();
  handOnSignals(command, waiting.resolve);
  const stopLooking = watchFacts(factsFile, () => reporter.wake());
  const end = await command.ended;
  stopLooking();
  const told = readFacts(factsFile, true);
  for (const fault of told.faults) say(`FLOWHOOK_FACTS, ${fault}: not taken.`);
  const ended = { ...run, end: makeEnd(end, told, command, performance.now() - began) };
  saveEnd(spool, ended, say);
  reporter.end(ended);
  if (end.startError !== null) say(end.startError);
  const timer = setTimeout(waiting.resolve, options.waitMs);
  await Promise.race([Promise.all([reporter.done, leftovers]), waiting.promise]);
  clearTimeout(timer);
  reporter.stop();
  if (spool.load(run.runId) !== undefined)
    say(
      `The result is kept in ${spool.folder}: the next \`flowhook exec\` delivers it, or \`flowhook exec --deliver\`.`,
    );
  return end.exitCode;
}

function makeRun({ server, flow, output, name, heartbeatSeconds }: RunOptions): SpooledRun {
  const startedAt = new Date().toISOString();
  const none = { target: null, jobId: null, lostJobs: [], end: null };
  return {
    version: 1,
    runId: randomUUID(),
    server,
    flow,
    output,
    name,
    startedAt,
    heartbeatSeconds,
    ...none,
  };
}

/** What the reporter has learnt meanwhile (target, job) is in the spool and stays. */
function saveEnd(spool: Spool, ended: SpooledRun, say: (text: string) => void): void {
  try {
    const stored = spool.load(ended.runId);
    spool.save({ ...ended, target: stored?.target ?? null, jobId: stored?.jobId ?? null });
  } catch (error) {
    say(
      `The result can't be written to ${spool.folder} (${(error as Error).message}): it is told to the server only.`,
    );
  }
}

function makeEnd(end: CommandEnd, told: Told, command: RunningCommand, durationMs: number): RunEnd {
  const { exitCode, signal, startError } = end;
  const how =
    startError ??
    (signal === null
      ? `The command ended with exit code ${exitCode}.`
      : `The command was ended by ${signal}.`);
  const own = {
    exitCode,
    durationSeconds: Math.round(durationMs) / 1000,
    ...(signal !== null && { signal }),
  };
  const common = { facts: { ...own, ...told.facts }, logTail: command.log.read() };
  if (exitCode === 0) return { status: 'Complete', ...common };
  const percent = told.percentComplete === null ? {} : { percentComplete: told.percentComplete };
  return { status: 'Failed', errorMessage: told.errorMessage ?? how, ...percent, ...common };
}

function toProgress({ percentComplete, facts }: Told, command: RunningCommand): JobReport {
  return {
    status: 'InProgress',
    facts,
    logTail: command.log.read(),
    ...(percentComplete !== null && { percentComplete }),
  };
}

function readFacts(path: string, isWhole: boolean): Told {
  try {
    return readTold(readFileSync(path, 'utf8'), isWhole);
  } catch {
    // The command has told nothing.
    return nothingTold;
  }
}

/** Looks at the file now and then: a watch of the file system would miss it on network folders. */
function watchFacts(path: string, onChange: () => void): () => void {
  let seen = JSON.stringify(nothingTold);
  const timer = setInterval(() => {
    const now = JSON.stringify(readFacts(path, false));
    if (now === seen) return;
    seen = now;
    onChange();
  }, lookMs);
  return () => clearInterval(timer);
}
