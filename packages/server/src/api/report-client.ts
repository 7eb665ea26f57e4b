// A client of the public API for those who report external jobs: finds flow and recipe, starts, changes and reads a job.
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { createApiClient, fillId, readId, Refused, type ApiClientOptions, type Ask } from './api-client.ts';

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
  /** Flow and recipe by id or by name. All throw `Unreachable` or `Refused`. */
  findTarget(flow: string, recipe: string | null): Promise<Target>;
  start(target: Target, start: JobStart): Promise<number>;
  report(jobId: number, report: JobReport): Promise<void>;
  /** Status, and the reason where it failed. */
  read(jobId: number): Promise<{ status: string; reason: string | null }>;
}

export function createReportClient(options: ApiClientOptions): ReportClient {
  const ask = createApiClient(options);
  return {
    async findTarget(flow, recipe) {
      const flowId = readId(flow) ?? (await findByName(ask, 'flow', flow, { path: flows.list.path }));
      if (recipe === null) return { flowId, recipeId: null };
      const query = { flowId: String(flowId) };
      const recipeId =
        readId(recipe) ?? (await findByName(ask, 'recipe', recipe, { path: recipes.list.path, more: query }));
      const found = await ask('GET', fillId(recipes.get.path, recipeId));
      if ((found['flow'] as { id?: unknown } | undefined)?.id !== flowId)
        throw new Refused(404, `Recipe ${recipeId} does not belong to flow ${flowId}.`);
      return { flowId, recipeId };
    },
    async start({ flowId, recipeId }, { runId, ...rest }) {
      const target = recipeId === null ? { flow: { id: flowId } } : { wrangledDataset: { id: recipeId } };
      const body = { ...target, ...rest };
      const headers = { 'x-execution-id': runId };
      return (await ask('POST', external.create.path, { body, headers }))['id'] as number;
    },
    async report(jobId, body) {
      await ask('PATCH', fillId(external.change.path, jobId), { body });
    },
    async read(jobId) {
      const { status, workloadError } = await ask('GET', fillId(jobs.get.path, jobId));
      const reason = (workloadError as { reason?: string } | null)?.reason ?? null;
      return { status: String(status), reason };
    },
  };
}

async function findByName(
  ask: Ask,
  kind: 'flow' | 'recipe',
  name: string,
  { path, more = {} }: { path: string; more?: Readonly<Record<string, string>> },
): Promise<number> {
  const query = { filter: name, filterFields: 'name', noLimit: 'true', fields: 'name', ...more };
  const { data } = await ask('GET', path, { query });
  const found = (data as { id: number; name: string }[]).filter((each) => each.name === name);
  if (found.length === 1) return found[0]!.id;
  const ids = found.map(({ id }) => id).join(', ');
  throw new Refused(
    404,
    found.length === 0
      ? `There is no ${kind} named ${JSON.stringify(name)}, or this token may not see it.`
      : `Several have the name ${JSON.stringify(name)}: give the id of one ${kind} (${ids}).`,
  );
}
