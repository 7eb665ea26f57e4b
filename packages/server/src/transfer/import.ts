// Imports a package: read and judged first, then written in one transaction, or nothing of it.
import type { Asker } from '../base/turn.ts';
import { Problem } from '../base/error.ts';
import { inspectFile } from '../flows/datasets/dataset-reading.ts';
import { readOutside } from '../flows/default-value.ts';
import { requireUnbound } from '../flows/flow.ts';
import type { PathPattern } from '../flows/datasets/path-pattern.ts';
import { recheckFlow } from '../flows/recipes/recheck.ts';
import type { Caller } from '../people/caller.ts';
import { findLimitFault } from '../webhooks/tasks/task-rule.ts';
import { findUrlRefusal } from '../webhooks/tasks/url-refusal.ts';
import type { DatasetPart, FlowContent, TaskPart } from './flow-content.ts';
import type { ImportReport } from './import-report.ts';
import { readPackageFile } from './package-file.ts';
import { readPackageAside } from './package-thread.ts';
import { readPackage, type ReadPackage } from './read-package.ts';
import { findRecipeByNames } from './task-target.ts';
import { writeContent, type TransferContext, type Written } from './write-content.ts';
import { toInput } from '../flows/datasets/pattern-file.ts';

/** What came in, or would: `written` is null for a dry run. */
export interface Imported {
  readonly package: ReadPackage;
  readonly written: readonly Written[] | null;
}

/** `field` is the part of the form that the package came in. Everything that comes in belongs to the caller. */
export async function importPackage(
  context: TransferContext,
  caller: Caller,
  given: { readonly bytes: Buffer; readonly field: string; readonly dryRun: boolean },
): Promise<Imported> {
  requireUnbound(caller, 'make new flows');
  const { bytes, field } = given;
  const { room } = context;
  const { text } = await readPackageFile(bytes, field);
  const policy = context.tasks.policy();
  const read = readPackage(await readPackageAside({ text, field }), field, {
    judgeUrl: (url) => findUrlRefusal(policy, url),
    now: room.clock.now(),
  });
  refuseTooManyTasks(context, read);
  const contents: FlowContent[] = [];
  for (const content of read.contents)
    contents.push(
      await findTargets(
        context,
        caller,
        await findFiles({ ...context, asker: caller.personId }, content, read.report),
        read.report,
      ),
    );
  const found = { ...read, contents };
  if (given.dryRun) return { package: found, written: null };
  const written = await room.db.transaction(async (tx) => {
    const all = [];
    for (const content of contents) all.push(await writeContent(tx, context, caller.personId, content));
    return all;
  });
  await check({ ...context, asker: caller.personId }, found, written);
  return { package: found, written };
}

function refuseTooManyTasks({ tasks: { maxTasks } }: TransferContext, { contents }: ReadPackage): void {
  for (const { name, tasks } of contents) {
    const fault = tasks.length === 0 ? null : findLimitFault(tasks.length - 1, maxTasks());
    if (fault !== null)
      throw new Problem(
        'limit_reached',
        `The flow ${name} comes with ${tasks.length} webhook tasks. ${fault}`,
      );
  }
}

/** With who asks the engine. */
type AskingContext = TransferContext & { readonly asker: Asker };

/** Datasets whose address lies in an allowed folder here have their file; all others wait for theirs. */
async function findFiles(
  context: AskingContext,
  content: FlowContent,
  report: ImportReport,
): Promise<FlowContent> {
  const datasets = [];
  for (const part of content.datasets) datasets.push(await findFile(context, part, report));
  return { ...content, datasets };
}

/** What tasks run in other flows is found by its names; such a task waits until somebody has looked at what was found. */
async function findTargets(
  { room }: TransferContext,
  caller: Caller,
  content: FlowContent,
  report: ImportReport,
): Promise<FlowContent> {
  const tasks: TaskPart[] = [];
  for (const part of content.tasks) {
    const { target, task } = part;
    if (target?.kind !== 'other') {
      tasks.push(part);
      continue;
    }
    const what = `the recipe ${target.recipe} of the flow ${target.flow}`;
    const id = await findRecipeByNames(room.db.read, caller, target);
    if (id === null) {
      const reason = `It runs ${what}, and there is no such one here, or several.`;
      report.dropped.push({ kind: 'webhookflowtasks', path: `task ${part.key}`, name: task.name, reason });
      continue;
    }
    const disabledReason = `It runs ${what}, which was found by its names: look at it and enable it.`;
    report.warnings.push(`The webhook task ${task.name} comes in disabled. ${disabledReason}`);
    tasks.push({ ...part, target: { ...target, id }, task: { ...task, enabled: false }, disabledReason });
  }
  return { ...content, tasks };
}

async function findFile(
  { room, asker }: AskingContext,
  part: DatasetPart,
  report: ImportReport,
): Promise<DatasetPart> {
  const reference = part.source.kind === 'waiting' ? part.source.reference : '';
  const wait = (reason: string) => {
    report.warnings.push(`The dataset ${part.name} waits for its file (${reference}): ${reason}`);
    return part;
  };
  if (!reference.startsWith('file://')) return wait('give it one.');
  try {
    if (part.pattern !== null)
      return (
        (await findPattern({ room, asker }, part, reference, part.pattern)) ??
        wait('no file fits its pattern.')
      );
    const { uri, path, bytes } = await room.locations.resolveGiven(reference);
    if (bytes === 0) return wait('the file is empty.');
    const reading = await inspectFile(room, toInput({ uri, path }), {
      before: part.reading.given,
      asker,
      field: 'uri',
      name: part.name,
    });
    return { ...part, source: { kind: 'uri', uri, bytes }, reading };
  } catch (error) {
    if (error instanceof Problem) return wait(error.message);
    throw error;
  }
}

async function findPattern(
  { room, asker }: Pick<AskingContext, 'room' | 'asker'>,
  part: DatasetPart,
  reference: string,
  pattern: PathPattern,
): Promise<DatasetPart | null> {
  const uri = room.locations.checkPattern(reference);
  const files = await room.locations.resolvePattern(uri, pattern, await readOutside(room));
  if (files.length === 0) return null;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const reading = await inspectFile(room, files.map(toInput), {
    before: part.reading.given,
    asker,
    field: 'uri',
    name: part.name,
  });
  return { ...part, source: { kind: 'uri', uri, bytes }, reading };
}

/** Longer checks go on after the answer: each costs a query of the engine. */
const maxCheckedAtOnce = 25;

async function check(
  { room, asker }: AskingContext,
  { contents, report }: ReadPackage,
  written: readonly Written[],
): Promise<void> {
  const recipes = contents.reduce((sum, content) => sum + content.recipes.length, 0);
  const work = async () => {
    for (const { flowId } of written) await recheckFlow(room, flowId, [], { asker });
  };
  if (recipes <= maxCheckedAtOnce) return work();
  report.warnings.push(`The ${recipes} recipes are being checked: look at them in a while.`);
  void work().catch((error: unknown) =>
    room.log.error({ err: error }, 'imported recipes could not be checked'),
  );
}
