// Delivers what earlier runs left in the spool: results that never reached the server, and runs whose exec was killed.
import { readFileSync } from 'node:fs';
import { Problem } from '@flowhook/client/problem';
import type { ReportClient } from '@flowhook/client/report-client';
import { deliverRun } from './deliver.ts';
import { CorruptRun, type Spool, type SpooledRun } from './spool.ts';
import { nothingTold, readTold } from './fact-line.ts';

export interface LeftoverOptions {
  readonly client: ReportClient;
  readonly server: string;
  readonly spool: Spool;
  say(text: string): void;
}

/** A way of refusing that a corrected token or role may heal: such a run is tried again at the next start. */
const mendable = new Set([401, 403, 404]);

/** Delivers all that can be; gives how many runs are left. Throws nothing: what stays, stays in the spool. */
export async function deliverLeftovers(options: LeftoverOptions): Promise<number> {
  let left = 0;
  for (const runId of options.spool.listFree()) if (!(await deliverOne(options, runId))) left += 1;
  return left;
}

/** True where nothing is left of it. A run that another process has taken meanwhile is that one's. */
async function deliverOne(options: LeftoverOptions, runId: string): Promise<boolean> {
  const { client, server, spool, say } = options;
  const run = take(options, runId);
  if (run === undefined) return true;
  if (run.server !== server) {
    say(
      `The result of ${run.name} (${run.startedAt}) waits for ${run.server}: deliver it with --server ${run.server}.`,
    );
    return false;
  }
  try {
    const delivered = await deliverRun(client, spool, run, null);
    spool.remove(runId);
    if (delivered.state !== 'open')
      say(`Delivered the result of ${run.name} (${run.startedAt}) as job ${delivered.jobId}.`);
    return true;
  } catch (error) {
    return explain(error, options, run);
  }
}

/** Claimed, read, and ended where its exec did not live to do so; undefined where there is nothing to do. */
function take({ spool, say }: LeftoverOptions, runId: string): SpooledRun | undefined {
  if (!spool.claim(runId)) return undefined;
  try {
    const run = spool.load(runId);
    if (run === undefined) spool.remove(runId);
    if (run === undefined || run.end !== null) return run;
    const ended = { ...run, end: makeLostEnd(spool, runId) };
    spool.save(ended);
    return ended;
  } catch (error) {
    if (!(error instanceof CorruptRun)) throw error;
    say(`${error.message}: kept as ${spool.setAside(runId)}.`);
    return undefined;
  }
}

function makeLostEnd(spool: Spool, runId: string): NonNullable<SpooledRun['end']> {
  const { facts } = readFacts(spool.factsFile(runId));
  const errorMessage = 'flowhook exec was ended before the command: its result is not known.';
  return { status: 'Failed', errorMessage, facts, logTail: '' };
}

function readFacts(path: string) {
  try {
    return readTold(readFileSync(path, 'utf8'), true);
  } catch {
    return nothingTold;
  }
}

function explain(error: unknown, { spool, say }: LeftoverOptions, run: SpooledRun): boolean {
  if (!(error instanceof Problem)) throw error;
  const which = `the result of ${run.name} (${run.startedAt})`;
  if (error.isPassing)
    say(`The server can't be reached (${error.message}): ${which} stays in ${spool.folder}.`);
  else if (mendable.has(error.status))
    say(
      `The server refuses ${which}: ${error.message} It stays in ${spool.folder} and is tried again at the next start.`,
    );
  else {
    say(`The server refuses ${which}: ${error.message} It is kept as ${spool.setAside(run.runId)}.`);
    return true;
  }
  return false;
}
