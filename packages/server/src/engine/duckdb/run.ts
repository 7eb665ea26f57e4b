// One job's child from start to end: its time limit, its cancel, and its files made visible when whole.
import type { Progress, WritePlan, WriteResult } from '../engine.ts';
import type { Failure } from '../failure.ts';
import { discardFolder, publishFolder } from './attempt-folder.ts';
import { startChild, type Child } from './child-process.ts';
import type { WriteAnswer } from './protocol.ts';

/** A run under way. */
export interface Run {
  result: Promise<WriteResult>;
  /** Ends it: the result is `state` unless it was over before. */
  end: (state: 'canceled' | 'gone') => void;
  watch: (onProgress: (progress: Progress) => void) => void;
  readonly pid: number | undefined;
}

/** Starts a child and gives it the plan. */
export function startRun(plan: WritePlan): Run {
  const child = startChild();
  const watchers = new Set<(progress: Progress) => void>();
  let ended: WriteResult | null = null;
  const end = (result: WriteResult): void => {
    ended ??= result;
    void child.kill();
  };
  const timer = setTimeout(() => end(overTime(plan.limits.timeMs)), plan.limits.timeMs);
  const onProgress = (progress: Progress): void => watchers.forEach((watcher) => watcher(progress));
  const result = follow(plan, child, { onProgress, ended: () => ended }).finally(() => clearTimeout(timer));
  return {
    result,
    end: (state) => end({ state }),
    watch: (watcher) => void watchers.add(watcher),
    pid: child.pid,
  };
}

interface Following {
  onProgress: (progress: Progress) => void;
  ended: () => WriteResult | null;
}

/** The child is gone before anything is moved or taken away: nobody writes there any more. */
async function follow(plan: WritePlan, child: Child, { onProgress, ended }: Following): Promise<WriteResult> {
  const answer = (await child.ask({ kind: 'write', plan }, onProgress)) as WriteAnswer;
  const result = ended() ?? toResult(answer);
  await child.kill();
  if (result.state !== 'complete') {
    await discardFolder(plan.folder);
    return result;
  }
  try {
    await publishFolder(plan.folder);
    return result;
  } catch (error) {
    return { state: 'failed', failure: unpublished(error), steps: result.steps };
  }
}

const toResult = (answer: WriteAnswer): WriteResult =>
  answer.ok
    ? { state: 'complete', ...answer.written }
    : { state: 'failed', failure: answer.failure, steps: answer.steps ?? [] };

const overTime = (timeMs: number): WriteResult => ({
  state: 'failed',
  failure: {
    reason: 'time_limit',
    message: `The run took longer than ${timeMs / 1000} s and was ended.`,
    hint: 'Look for a join that multiplies rows, read less, or ask the administrator for a longer limit.',
  },
  steps: [],
});

const unpublished = (error: unknown): Failure => ({
  reason: 'output_failed',
  message: `The files could not be moved into place: ${error instanceof Error ? error.message : String(error)}.`,
  hint: "Check that the server may write to the job's folder.",
  fileId: null,
});
