// Reports one run while it lives: at once, at each heartbeat, when something is told, and at the end; with backoff where the server is away.
import { Problem } from '@flowhook/client/problem';
import type { JobReport, ReportClient } from '@flowhook/client/report-client';
import { deliverRun, type Delivered } from './deliver.ts';
import type { Spool, SpooledRun } from './spool.ts';

export interface Reporter {
  /** Something is new: it is told soon. */
  wake(): void;
  /** The run has ended and is in the spool: it is told until it is delivered or refused. */
  end(run: SpooledRun): void;
  /** Resolves when the end is delivered, or refused for good, or `stop` was called. */
  readonly done: Promise<void>;
  /** Gives up: what is left stays in the spool. */
  stop(): void;
}

export interface ReporterOptions {
  readonly client: ReportClient;
  readonly spool: Spool;
  readonly run: SpooledRun;
  /** Milliseconds between two reports of a run that goes on. */
  readonly everyMs: number;
  /** What is known of a command that still runs. */
  readProgress(): JobReport;
  /** A sentence for the person at the terminal. */
  say(text: string): void;
}

const firstWaitMs = 250;
const longestWaitMs = 15_000;
/** What is told in a burst is sent together. */
const gatherMs = 500;

export function startReporter(options: ReporterOptions): Reporter {
  const { client, spool, say } = options;
  const bell = createBell();
  let { run } = options;
  let stopped = false;
  let failures = 0;
  let saidRefusal = '';

  async function loop(): Promise<void> {
    while (!stopped) {
      const wait = await round();
      if (wait === null) return;
      await bell.wait(wait);
      if (run.end === null && failures === 0)
        await bell.waitAlways(gatherMs, () => run.end !== null || stopped);
    }
  }

  /** Milliseconds until the next round, null where nothing is left to do. */
  async function round(): Promise<number | null> {
    const ending = run.end !== null;
    try {
      const delivered = await deliverRun(client, spool, run, ending ? null : options.readProgress());
      if (failures > 0) say('The server answers again.');
      failures = 0;
      return settle(delivered, ending);
    } catch (error) {
      return failed(error, ending);
    }
  }

  function settle(delivered: Delivered, ending: boolean): number | null {
    if (delivered.state === 'open') {
      // The end may have come while the server was asked.
      run = { ...delivered.run, end: run.end };
      return run.end === null ? options.everyMs : 0;
    }
    if (delivered.state === 'overtaken') {
      if (!ending && run.end === null)
        say(`Job ${delivered.jobId} was ended on the server (${delivered.status}); the command goes on.`);
      else say(`Job ${delivered.jobId} had been ended on the server (${delivered.status}): that stands.`);
      if (run.end === null) return null;
    }
    spool.remove(run.runId);
    return null;
  }

  function failed(error: unknown, ending: boolean): number | null {
    if (!(error instanceof Problem)) throw error;
    if (error.isPassing && failures === 0)
      say(`The server can't be reached (${error.message}); the command goes on.`);
    if (!error.isPassing && error.message !== saidRefusal) {
      saidRefusal = error.message;
      say(`The server refuses the report (${error.status}): ${error.message}`);
    }
    failures += 1;
    if (!error.isPassing && ending) return null;
    return Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs) * (0.75 + Math.random() / 2);
  }

  return {
    wake: () => bell.ring(),
    end(ended) {
      run = { ...ended, target: run.target, jobId: run.jobId };
      bell.ring();
    },
    stop() {
      stopped = true;
      bell.ring();
    },
    done: loop(),
  };
}

/** Waiting that can be cut short. */
function createBell() {
  let ring: () => void = () => undefined;
  let rung = false;
  return {
    ring() {
      rung = true;
      ring();
    },
    wait(ms: number): Promise<void> {
      if (rung || ms === 0) {
        rung = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = setTimeout(done, ms);
        function done(): void {
          clearTimeout(timer);
          ring = () => undefined;
          rung = false;
          resolve();
        }
        ring = done;
      });
    },
    /** Waits in spite of rings, unless it has become urgent. */
    async waitAlways(ms: number, isUrgent: () => boolean): Promise<void> {
      const until = performance.now() + ms;
      while (!isUrgent() && performance.now() < until) await this.wait(until - performance.now());
    },
  };
}
