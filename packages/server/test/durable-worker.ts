// The process of one durable run: does the plan in its folder, writes progress and result beside it, and ends.
import { join } from 'node:path';
import { mkdir, symlink } from 'node:fs/promises';
import { discardFolder, prepareFolder, publishFolder } from '../src/engine/duckdb/attempt-folder.ts';
import { openInputs } from '../src/engine/duckdb/input/open-input.ts';
import { runWrite } from '../src/engine/duckdb/task/write-task.ts';
import type { Progress, WritePlan, WriteResult } from '../src/engine/engine.ts';
import { readJson, writeJson } from './durable-engine.ts';

const folder = process.argv[2] ?? '';
const plan = await readJson<WritePlan>(join(folder, 'plan.json'));
if (plan === null) throw new Error(`no plan in ${folder}`);

const told = new Map<string, Progress>();
let writing = Promise.resolve();
const report = (progress: Progress): void => {
  told.set(progress.step, progress);
  writing = writing.then(() => writeJson(join(folder, 'progress.json'), [...told.values()]));
};

const { promise: overTime, resolve } = Promise.withResolvers<WriteResult>();
setTimeout(() => resolve(timeLimit(plan.limits.timeMs)), plan.limits.timeMs).unref();
const result = await Promise.race([overTime, work(plan)]);
if (result.state === 'complete') await publishFolder(plan.folder, plan.files, result.files);
else await discardFolder(plan.folder);
await writing;
await writeJson(join(folder, 'result.json'), result);
process.kill(process.pid, 'SIGKILL');

async function work(of: WritePlan): Promise<WriteResult> {
  process.chdir(await prepareFolder(of.folder));
  await mkdir('in');
  const { open, handed } = await openInputs(of.datasets, () => true);
  for (const { path, name } of open) await symlink(path, name);
  const answer = await runWrite({ plan: of, files: handed }, report);
  return answer.ok
    ? { state: 'complete', ...answer.written }
    : { state: 'failed', failure: answer.failure, steps: answer.steps };
}

function timeLimit(timeMs: number): WriteResult {
  const message = `The run took longer than ${timeMs / 1000} s and was ended.`;
  return { state: 'failed', failure: { reason: 'time_limit', message, hint: 'Read less.' }, steps: [] };
}
