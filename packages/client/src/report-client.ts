// A client of the public API for those who report external jobs: finds flow and recipe, starts, changes and reads a job.
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { InputOf } from './call-input.ts';
import type { Caller } from './caller.ts';
import { refuse } from './problem.ts';

export interface Target {
  readonly flowId: number;
  /** Null for a job of the flow as a whole. */
  readonly recipeId: number | null;
}

export interface JobStart {
  /** An id of the caller: the same one never makes a second job. */
  readonly runId: string;
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Null where no heartbeat is promised. */
  readonly heartbeatSeconds: number | null;
}

export interface JobReport {
  readonly status: 'InProgress' | 'Complete' | 'Failed';
  readonly percentComplete?: number | undefined;
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  readonly errorMessage?: string | undefined;
  readonly logTail?: string | undefined;
}

export interface ReportClient {
  /** Flow and recipe by id or by name. All throw Problems. */
  findTarget(flow: string, recipe: string | null): Promise<Target>;
  start(target: Target, start: JobStart): Promise<number>;
  report(jobId: number, report: JobReport): Promise<void>;
  /** Status, and the reason where it failed. */
  read(jobId: number): Promise<{ status: string; reason: string | null }>;
}

export function createReportClient({ call }: Pick<Caller, 'call'>): ReportClient {
  return {
    async findTarget(flow, recipe) {
      const flowId = readId(flow) ?? findByName('flow', flow, await call(flows.list, named(flow)));
      if (recipe === null) return { flowId, recipeId: null };
      const recipeId =
        readId(recipe) ?? findByName('recipe', recipe, await call(recipes.list, named(recipe, flowId)));
      const found = await call(recipes.get, { params: { id: recipeId } });
      if (found.flow.id !== flowId)
        throw refuse('not_found', `Recipe ${recipeId} does not belong to flow ${flowId}.`);
      return { flowId, recipeId };
    },
    async start({ flowId, recipeId }, { runId, ...rest }) {
      const target = recipeId === null ? { flow: { id: flowId } } : { wrangledDataset: { id: recipeId } };
      const headers = { 'x-execution-id': runId };
      return (await call(external.create, { body: { ...target, ...rest }, headers })).id;
    },
    async report(jobId, body) {
      await call(external.change, { params: { id: jobId }, body: body as BodyGiven });
    },
    async read(jobId) {
      const { status, workloadError } = await call(jobs.get, { params: { id: jobId } });
      return { status, reason: workloadError?.reason ?? null };
    },
  };
}

type BodyGiven = InputOf<typeof external.change>['body'];

/** The id that a text names; undefined where it is a name. */
export function readId(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/u.test(text) ? Number(text) : undefined;
}

function named(name: string, flowId?: number) {
  return { query: { filter: name, filterFields: 'name', noLimit: true, fields: 'name', flowId } };
}

interface Named {
  readonly id: number;
  readonly name: string;
}

function findByName(
  kind: 'flow' | 'recipe',
  name: string,
  { data }: { readonly data: readonly Named[] },
): number {
  const found = data.filter((each) => each.name === name);
  if (found.length === 1) return found[0]!.id;
  const ids = found.map(({ id }) => id).join(', ');
  throw refuse(
    'not_found',
    found.length === 0
      ? `There is no ${kind} named ${JSON.stringify(name)}, or this token may not see it.`
      : `Several have the name ${JSON.stringify(name)}: give the id of one ${kind} (${ids}).`,
  );
}
