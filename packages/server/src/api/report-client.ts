// A client of the public API for those who report external jobs: finds flow and recipe, starts, changes and reads a job.
import { externalJobEndpoints as external } from '@flowhook/contract/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job-group';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/wrangled-dataset';
import { request } from 'undici';

/** The server could not be asked, or can't answer now: the same call may succeed later. */
export class Unreachable extends Error {}

/** The server has answered, and says no. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

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

export interface ReportClientOptions {
  /** The server's address with its base path, without a `/` at its end. */
  readonly server: string;
  readonly token: string;
}

/** Longer than any call of these takes on a loaded server, and short enough to notice a dead connection. */
const timeoutMs = 15_000;

export function createReportClient(options: ReportClientOptions): ReportClient {
  const ask = (method: string, path: string, more: Asking = {}) => call(options, method, path, more);
  return {
    async findTarget(flow, recipe) {
      const flowId = readId(flow) ?? (await findByName('flow', flow, flows.list.path, {}, ask));
      if (recipe === null) return { flowId, recipeId: null };
      const query = { flowId: String(flowId) };
      const recipeId = readId(recipe) ?? (await findByName('recipe', recipe, recipes.list.path, query, ask));
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

interface Asking {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}
type Answer = Readonly<Record<string, unknown>>;
type Ask = (method: string, path: string, more?: Asking) => Promise<Answer>;

function readId(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/u.test(text) ? Number(text) : undefined;
}

function fillId(path: string, id: number): string {
  return path.replace(':id', String(id));
}

async function findByName(
  kind: 'flow' | 'recipe',
  name: string,
  path: string,
  more: Readonly<Record<string, string>>,
  ask: Ask,
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

async function call(
  { server, token }: ReportClientOptions,
  method: string,
  path: string,
  { query = {}, body, headers }: Asking,
): Promise<Answer> {
  const text = new URLSearchParams(query).toString();
  const { status, answer } = await send(`${server}${path}${text === '' ? '' : `?${text}`}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const parsed = parse(answer);
  if (status >= 200 && status < 300 && parsed !== null) return parsed;
  const detail = typeof parsed?.['detail'] === 'string' ? parsed['detail'] : `status ${status}`;
  // A proxy's page, an overload, a limit: not this server's word about the call.
  if (status >= 500 || status === 408 || status === 429 || parsed === null) throw new Unreachable(detail);
  throw new Refused(status, detail);
}

async function send(
  url: string,
  options: NonNullable<Parameters<typeof request>[1]>,
): Promise<{ status: number; answer: string }> {
  try {
    const { statusCode, body } = await request(url, options);
    return { status: statusCode, answer: await body.text() };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Unreachable(code === undefined || message.includes(code) ? message : `${code} ${message}`);
  }
}

function parse(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : null;
  } catch {
    return null;
  }
}
