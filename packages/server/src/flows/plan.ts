// What a job will run: a recipe's output with everything that it reads, frozen at the launch.
import { foldName } from '@flowhook/contract/flow/name';
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { Problem, invalidFields, notFound } from '../base/error.ts';
import type { Parameter } from '../engine/engine.ts';
import type { Caller } from '../people/caller.ts';
import { cleanFileName } from './datasets/upload.ts';
import type { FlowRoom } from './flow-room.ts';
import type { JobPlan, PlannedFile } from './job-plan.ts';
import { settleList } from './output.ts';
import { readPlanSources, type PlanSource } from './plan-source.ts';
import {
  describeUnknown,
  settleParameters,
  type DefinedParameter,
  type GivenValue,
  type SettledParameters,
} from './parameter.ts';
import { fillPath } from './placeholder.ts';
import { composeQuery } from './recipes/query.ts';
import { requireRecipe } from './recipes/recipe.ts';
import { orderUpstream } from './recipes/recipe-graph.ts';
import { choosePlannedPath, findPathFault, refuseSamePlace, type WriteRule } from './write-setting-rule.ts';
import { nameFile } from './write-setting.ts';

export interface PlanRequest {
  readonly recipeId: number;
  readonly isAdhoc: boolean;
  /** Values for parameters of the flow. */
  readonly parameters: readonly GivenValue[];
  /** The time that the run is about, epoch milliseconds; now unless given. */
  readonly referenceAt?: number | undefined;
  readonly overrides?: {
    readonly profiler?: boolean | undefined;
    /** Instead of those of the output. */
    readonly writeSettings?: readonly WriteSettingGiven[] | undefined;
    /** Where the caller wrote them, for the names of fields at fault. */
    readonly writeSettingsAt?: string | undefined;
  };
}

/** A plan with what the job's row needs to know beside it. */
export interface PlannedJob {
  readonly flowId: number;
  readonly recipeId: number;
  readonly recipeName: string;
  /** Null where the launch brought its own write settings to a recipe without an output. */
  readonly outputId: number | null;
  readonly profiler: boolean;
  readonly plan: JobPlan;
  /** What was asked for and does nothing. */
  readonly warnings: readonly string[];
}

/**
 * Plans a job for whoever may run it (a viewer of the flow). Reads the database and follows links on the disk, so it
 * runs before the transaction that inserts the job. A file that is missing by now is left to the run to find: the job
 * fails and says so to its webhook tasks.
 */
export async function planJob(room: FlowRoom, caller: Caller, request: PlanRequest): Promise<PlannedJob> {
  const { recipeId, isAdhoc } = request;
  await requireRecipe(room, caller, recipeId, 'viewer');
  const [source] = await readPlanSources(room.db.read, { recipeId }, isAdhoc);
  if (source === undefined) throw notFound('recipe', recipeId);
  return planFrom(room, request, source);
}

/** The same from what was read before, for who plans many. */
export async function planFrom(
  room: FlowRoom,
  request: Omit<PlanRequest, 'recipeId'>,
  source: PlanSource,
): Promise<PlannedJob> {
  const { overrides = {} } = request;
  const { flowId, recipeId, recipeName, output, graph } = source;
  const given = overrides.writeSettings;
  if (output === undefined && given === undefined) throw noOutput(request.isAdhoc);
  const rules = given === undefined ? source.rules : settleList(given, overrides.writeSettingsAt);
  const referenceAt = request.referenceAt ?? room.clock.now();
  const named = [...source.parameters.defined, ...listDatasetKeys(source, request.parameters)];
  const all = { ...source.parameters, defined: named };
  const { values, unknown } = settleGiven(all, request.parameters, referenceAt);
  const { query, inputs } = await composeQuery(room, graph, recipeId, values);
  const profile = overrides.profiler ?? output?.profiler === 1;
  const isUsual = rules.length === 0;
  const filled = fillRules(isUsual ? [usualRule(recipeName)] : rules, values);
  const files = filled.rules.map((rule, index) => ({
    ...planFile(rule, index),
    template: given === undefined ? (rules[index]?.path ?? '') : null,
    ...(isUsual && { spare: `flow-${flowId}/${rule.path}` }),
  }));
  const { datasets, recipes, target } = query;
  return {
    flowId,
    recipeId,
    recipeName,
    outputId: output?.id ?? null,
    profiler: profile,
    plan: { datasets, recipes, output: target, files, profile, inputs, parameters: values, referenceAt },
    warnings: [...describeUnknown(unknown), ...filled.warnings],
  };
}

/** What only a dataset names, with a default of its own, can be given at a launch as well; it is text then. */
function listDatasetKeys(
  { graph, parameters, recipeId }: PlanSource,
  given: readonly GivenValue[],
): DefinedParameter[] {
  const taken = new Set(parameters.defined.map(({ name }) => foldName(name)));
  const asked = new Set(given.map(({ key }) => foldName(key)));
  const defaults = orderUpstream(graph, [recipeId]).flatMap(({ dataset }) =>
    Object.entries(dataset?.pattern?.defaults ?? {}),
  );
  return defaults.flatMap(([name, defaultValue]) => {
    const key = foldName(name);
    if (!asked.has(key) || taken.has(key)) return [];
    taken.add(key);
    return [{ name, type: 'text' as const, defaultValue }];
  });
}

function settleGiven(
  parameters: PlanSource['parameters'],
  given: readonly GivenValue[],
  referenceAt: number,
): SettledParameters {
  const settled = settleParameters({ ...parameters, given, referenceAt });
  if (settled.faults.length > 0) throw invalidFields(settled.faults);
  return settled;
}

/** The paths with their parameters filled in, checked again as a whole: no value leads out of the outputs folder. */
function fillRules(
  rules: readonly WriteRule[],
  values: readonly Parameter[],
): { rules: WriteRule[]; warnings: string[] } {
  const warnings: string[] = [];
  const filled = rules.map((rule) => {
    const result = fillPath(rule.path, values);
    const fault = result.ok ? findPathFault(result.path) : result.detail;
    if (!result.ok || fault !== null) throw unfilled(rule.path, fault ?? '');
    for (const name of result.unknown)
      warnings.push(`No parameter is named ${JSON.stringify(name)}: {${name}} stays in the path as it is.`);
    return { ...rule, path: result.path };
  });
  refuseSamePlace(filled, (index) => `writeSettings[${index}].path`);
  return { rules: filled, warnings };
}

function unfilled(path: string, fault: string): Problem {
  const detail = `The path ${path} can't be filled: ${fault}`;
  return new Problem('validation_failed', detail, [{ field: 'runParameters', detail }]);
}

function noOutput(isAdhoc: boolean): Problem {
  const kind = isAdhoc ? 'ad hoc' : 'scheduled';
  return new Problem(
    'conflict',
    `The recipe has no ${kind} output: make one, or give write settings with the launch.`,
  );
}

/** What an output without write settings writes: one CSV file named after its recipe. */
function usualRule(recipeName: string): WriteRule {
  return {
    path: `${cleanFileName(recipeName)}.csv`,
    action: 'create',
    format: 'csv',
    compression: 'none',
    header: true,
    asSingleFile: true,
    delim: ',',
    hasQuotes: false,
    nullText: '',
  };
}

function planFile(rule: WriteRule, index: number): PlannedFile {
  const { action, format, compression, header, delim, hasQuotes, nullText, asSingleFile } = rule;
  const fileName = nameFile(rule, index);
  const plan = {
    id: String(index),
    format,
    compression,
    header,
    fileName,
    delimiter: delim,
    quotes: hasQuotes,
    nullText,
    singleFile: asSingleFile,
  };
  return { plan, path: choosePlannedPath(rule), action };
}
