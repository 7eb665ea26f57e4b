// Everything that a change of a flow needs beside its transaction: what differs, files and SQL looked at by the engine.
import type { FlowDocumentGiven } from '@flowhook/contract/flow/flow-document';
import { foldName } from '@flowhook/contract/flow/name';
import { invalidField } from '../../base/error.ts';
import { settleParameter } from '../../flows/flow-parameter.ts';
import { settleList } from '../../flows/output.ts';
import { settleParameters } from '../../flows/parameter.ts';
import { readParameterSources, type ParameterContent } from '../../flows/parameter-store.ts';
import type { WriteRule } from '../../flows/write-setting-rule.ts';
import type { Caller } from '../../people/caller.ts';
import type { TransferContext } from '../write-content.ts';
import { findDocumentFaults } from './document-fault.ts';
import { outputKey, outputKinds } from './document-item.ts';
import { planDocument, writeStable, type DocumentPlan } from './document-plan.ts';
import { findRun } from './document-run.ts';
import { inPart, requireNoFault } from './part-problem.ts';
import { prepareDatasets, type PreparedDataset } from './prepare-dataset.ts';
import { prepareRecipes, type PreparedRecipe } from './prepare-recipe.ts';
import type { StoredDocument } from './read-document.ts';

interface PreparedOutput {
  readonly execution: string;
  readonly profiler: boolean;
  readonly rules: readonly WriteRule[];
}

export interface Prepared {
  readonly stored: StoredDocument | null;
  readonly plan: DocumentPlan;
  /** By folded name. */
  readonly parameters: ReadonlyMap<string, ParameterContent>;
  readonly datasets: readonly PreparedDataset[];
  readonly recipes: readonly PreparedRecipe[];
  /** By `outputKey`. */
  readonly outputs: ReadonlyMap<string, PreparedOutput>;
  /** What tasks run in other flows, by the task's place in the document. */
  readonly runs: ReadonlyMap<number, number>;
  /** What tasks that are there go on to run, by the task's name: also where that is not seen, or is deleted. */
  readonly keptRuns: ReadonlyMap<string, number>;
  readonly warnings: readonly string[];
}

/** Throws for everything that is wrong with the document itself. `stored` is null for a flow that is not there yet. */
export async function prepareDocument(
  { room }: TransferContext,
  caller: Caller,
  stored: StoredDocument | null,
  given: FlowDocumentGiven,
): Promise<Prepared> {
  const parameters = await settleAllParameters(given);
  const wanted = { ...given, parameters: [...parameters.values()] };
  const before = stored?.document ?? null;
  const plan = planDocument(before, wanted);
  requireNoFault([...findDocumentFaults(plan.document, before), ...plan.faults]);
  const keptRuns = findKeptRuns(stored, plan);
  const outputs = await settleOutputs(plan.document);
  const runs = await findRuns({ room }, caller, plan.document, keptRuns);
  const datasets = await prepareDatasets(room, caller, stored, plan.document.datasets);
  const { environment } = await readParameterSources(room.db.read, null);
  const sources = { defined: [...parameters.values()], environment, given: [] };
  const values = settleParameters({ ...sources, referenceAt: room.clock.now() }).values;
  const around = { engine: room.engine, asker: caller.personId, parameters: values, stored, datasets };
  const { recipes, warnings } = await prepareRecipes({ ...around, changes: plan.changes }, plan.document);
  return { stored, plan, parameters, datasets, recipes, outputs, runs, keptRuns, warnings };
}

async function settleAllParameters({
  parameters,
}: FlowDocumentGiven): Promise<Map<string, ParameterContent>> {
  const settled = new Map<string, ParameterContent>();
  for (const [index, parameter] of parameters.entries()) {
    const content = await inPart(['parameters', index], () => settleParameter(parameter));
    if (settled.has(foldName(content.name)))
      throw invalidField(`parameters[${index}].name`, 'is given twice: names tell things apart.');
    settled.set(foldName(content.name), content);
  }
  return settled;
}

async function settleOutputs({ recipes }: FlowDocumentGiven): Promise<Map<string, PreparedOutput>> {
  const settled = new Map<string, PreparedOutput>();
  for (const [index, { name, outputs }] of recipes.entries())
    for (const kind of outputKinds) {
      const output = outputs[kind];
      if (output === null) continue;
      const { execution, profiler, files } = output;
      const rules = await inPart(['recipes', index, 'outputs', kind], () => settleList(files, 'files'));
      settled.set(outputKey(name, kind), { execution, profiler, rules });
    }
  return settled;
}

function findKeptRuns(stored: StoredDocument | null, { document }: DocumentPlan): Map<string, number> {
  const kept = new Map<string, number>();
  for (const [index, { name, runs }] of (stored?.document.webhookTasks ?? []).entries()) {
    const id = stored!.tasks[index]!.runRecipeId;
    const wanted = document.webhookTasks.find((task) => task.name === name)?.runs ?? null;
    if (id && wanted !== null && writeStable(wanted) === writeStable(runs)) kept.set(name, id);
  }
  return kept;
}

async function findRuns(
  { room }: Pick<TransferContext, 'room'>,
  caller: Caller,
  { webhookTasks }: FlowDocumentGiven,
  kept: ReadonlyMap<string, number>,
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const [index, { name, runs }] of webhookTasks.entries()) {
    if (runs === null || runs.flow === null || kept.has(name)) continue;
    const id = await findRun(room.db.read, caller, { flow: runs.flow, recipe: runs.recipe });
    if (typeof id === 'string') throw invalidField(`webhookTasks[${index}].runs`, id);
    found.set(index, id);
  }
  return found;
}
