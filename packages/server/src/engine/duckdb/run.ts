// One job's child from start to end: its time limit, its cancel, and its files made visible when whole.
import type { Progress, WritePlan, WriteResult } from '../engine.ts';
import type { Failure } from '../failure.ts';
import { discardFolder, prepareFolder, publishFolder } from './attempt-folder.ts';
import { startChild, type Child } from './child-process.ts';
import { tellCopies } from './input/hand-input.ts';
import { openInputs, type MayRead } from './input/open-input.ts';
import type { HandedFiles, WriteAnswer } from './protocol.ts';
import type { Walls } from './wall/wall.ts';

/** A run under way. */
export interface Run {
  result: Promise<WriteResult>;
  /** Ends it: the result is `state` unless it was over before. */
  end: (state: 'canceled' | 'gone') => void;
  watch: (onProgress: (progress: Progress) => void) => void;
  readonly pid: number | undefined;
}

export interface RunGround {
  walls: Walls;
  mayRead: MayRead;
}

/** Starts a child and gives it the plan. */
export function startRun(plan: WritePlan, ground: RunGround): Run {
  const watchers = new Set<(progress: Progress) => void>();
  let ended: WriteResult | null = null;
  let child: Child | null = null;
  const end = (result: WriteResult): void => {
    ended ??= result;
    void child?.kill();
  };
  const timer = setTimeout(() => end(overTime(plan.limits.timeMs)), plan.limits.timeMs);
  const following: Following = {
    onStart: (started) => {
      child = started;
      if (ended !== null) void child.kill();
    },
    onProgress: (progress) => watchers.forEach((watcher) => watcher(progress)),
    ended: () => ended,
  };
  const result = follow(plan, ground, following).finally(() => clearTimeout(timer));
  return {
    result,
    end: (state) => end({ state }),
    watch: (watcher) => void watchers.add(watcher),
    get pid() {
      return child?.pid;
    },
  };
}

interface Following {
  onStart: (child: Child) => void;
  onProgress: (progress: Progress) => void;
  ended: () => WriteResult | null;
}

/** The child is gone before anything is moved or taken away: nobody writes there any more. */
async function follow(plan: WritePlan, ground: RunGround, following: Following): Promise<WriteResult> {
  const answer = await askChild(plan, ground, following).catch(notStarted);
  const result = following.ended() ?? toResult(answer);
  if (result.state !== 'complete') {
    await discardFolder(plan.folder);
    return result;
  }
  try {
    return { ...result, files: await publishFolder(plan.folder, plan.files, result.files) };
  } catch (error) {
    await discardFolder(plan.folder);
    return { state: 'failed', failure: unpublished(error), steps: result.steps };
  }
}

/** Its inputs are opened and judged now, whatever they were at the launch. */
async function askChild(
  plan: WritePlan,
  { walls, mayRead }: RunGround,
  following: Following,
): Promise<WriteAnswer> {
  const folder = await prepareFolder(plan.folder);
  const inputs = await openInputs(plan.datasets, mayRead);
  try {
    const child = await startChild(walls, { folder, writes: ['out'], inputs: inputs.open });
    following.onStart(child);
    await child.ready;
    // What was bound by its path stays open until the child has seen that it is the same file.
    const files: HandedFiles = tellCopies(inputs.handed, child.copies);
    const answer = await child.ask({ kind: 'write', plan, files }, following.onProgress);
    await child.kill();
    return answer as WriteAnswer;
  } finally {
    await inputs.close();
  }
}

const notStarted = (error: unknown): WriteAnswer => ({
  ok: false,
  failure: {
    reason: 'crashed',
    message: `The engine could not be started: ${error instanceof Error ? error.message : String(error)}.`,
    hint: 'Run it again; if it fails in the same way, tell an administrator.',
  },
  steps: [],
});

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
