// One attempt: the claimed delivery becomes a signed request, the request an outcome, both something to settle and to show.
import type { Clock } from '../../base/clock.ts';
import type { Read } from '../../db/database.ts';
import { compileTask, type CompiledTask, type TaskOfNow } from '../messages/compiled-task.ts';
import { composeRequest, maskAnswer, maskRequest, type MaskedRequest } from '../messages/composition.ts';
import type { Claim } from './delivery-claim.ts';
import type { EndedAttempt } from './delivery-settle.ts';
import { ownLaunchPath, runJob, type RunTarget, type StartJob } from './run-job.ts';
import { readFacts, type Facts } from '../messages/fact.ts';
import { unpackBody } from '../messages/frozen-body.ts';
import { importNodeHmac } from '../messages/hmac.ts';
import type { Sender } from '../sending/sender.ts';
import type { Outcome } from '../sending/outcome.ts';
import type { SendResult } from '../sending/send-result.ts';
import { Oversize } from '../messages/oversize.ts';
import type { StoredExchange } from './stored-exchange.ts';
import { Unusable, readStored } from '../messages/unusable.ts';

export type { StoredExchange } from './stored-exchange.ts';

export interface SendableTask {
  readonly task: TaskOfNow;
  readonly retryOnFailure: boolean;
  /** The job that is run instead of sending a request; null or absent for a request. */
  readonly run?: RunTarget | null;
}

export interface AttemptOptions {
  startJob: StartJob;
  readonly db: { readonly read: Read };
  readonly clock: Clock;
  readonly sender: Sender;
  /** Of this server, for User-Agent. */
  readonly version: string;
  /** The task as it is now, its secrets in clear. */
  loadTask(taskId: number): Promise<SendableTask>;
  /** Waits between attempts, milliseconds. */
  schedule(): readonly number[];
}

interface Ready {
  readonly task: CompiledTask;
  readonly retryOnFailure: boolean;
  readonly run: RunTarget | null;
}

const maxReady = 5000;

/** Returns the function that the worker calls for each claim. A task is made ready once for each of its versions. */
export function createAttempter(options: AttemptOptions): (claim: Claim) => Promise<EndedAttempt> {
  const ready = new Map<number, { readonly version: number; readonly making: Promise<Ready> }>();

  /** Looks without waiting, so that claims of the same moment wait for the same task to be made ready. */
  function takeReady({ taskId, taskVersion: version }: Claim): Promise<Ready> {
    const found = ready.get(taskId);
    if (found?.version === version) return found.making;
    if (ready.size >= maxReady) ready.clear();
    const entry = { version, making: makeReady(options, taskId) };
    ready.set(taskId, entry);
    entry.making.catch(() => {
      if (ready.get(taskId) === entry) ready.delete(taskId);
    });
    return entry.making;
  }

  return (claim) =>
    send(claim).catch((error: unknown) => {
      if (error instanceof Oversize)
        return { ...endUnusable(options, claim, error), deadReason: 'request_too_large' };
      if (error instanceof Unusable) return endUnusable(options, claim, error);
      throw error;
    });

  async function send(claim: Claim): Promise<EndedAttempt> {
    const { task, retryOnFailure, run } = await takeReady(claim);
    const { clock } = options;
    const schedule = options.schedule();
    if (run !== null) {
      const ran = await runJob(options.startJob, clock, claim, run);
      const common = { claim, retryOnFailure, schedule, random: clock.random() };
      return { ...common, ...ran, address: null, retryAfter: null, exchange: JSON.stringify(ran.exchange) };
    }
    const composition = await composeRequest(task, {
      publicId: claim.publicId,
      body: claim.body === null ? null : readStored(claim.body, unpackBody, 'body of this delivery'),
      facts: task.needsFacts ? await loadFacts(options.db.read, claim.eventId) : null,
      eventKind: claim.eventKind,
      attempt: claim.attemptCount,
      hop: claim.hop + 1,
      time: clock.now(),
    });
    const result = await options.sender.send(composition.request);
    return {
      claim,
      outcome: maskOutcome(task, result.outcome),
      startedAt: result.startedAt,
      durationMs: result.durationMs,
      address: result.address,
      retryAfter: readRetryAfter(result),
      retryOnFailure,
      schedule,
      random: clock.random(),
      exchange: JSON.stringify(showExchange(task, maskRequest(composition.masked, task), result)),
    };
  }
}

/** Waits as after any failure, whatever the task says about retries: it can't be read, and saving it anew mends it. */
function endUnusable({ clock, schedule }: AttemptOptions, claim: Claim, { message }: Error): EndedAttempt {
  return {
    claim,
    outcome: { kind: 'failure', reason: 'unusable', detail: message },
    startedAt: clock.now(),
    durationMs: 0,
    address: null,
    retryAfter: null,
    retryOnFailure: true,
    schedule: schedule(),
    random: clock.random(),
    exchange: null,
  };
}

async function makeReady(options: AttemptOptions, taskId: number): Promise<Ready> {
  const { task, retryOnFailure, run = null } = await options.loadTask(taskId);
  const request = run === null ? task : { ...task, url: `http://localhost${ownLaunchPath}` };
  const compiled = await compileTask(request, { version: options.version, importHmac: importNodeHmac });
  if (!compiled.ok)
    throw new Unusable(
      `Webhook task ${taskId} can't be made into a request: ${compiled.detail} Correct and save it.`,
    );
  return { task: compiled.task, retryOnFailure, run };
}

async function loadFacts(db: Read, eventId: number): Promise<Facts> {
  const { facts } = await db
    .selectFrom('events')
    .select('facts')
    .where('id', '=', eventId)
    .executeTakeFirstOrThrow();
  return readStored(facts, readFacts, 'event of this delivery');
}

function readRetryAfter({ response }: SendResult): string | null {
  const value = response?.headers['retry-after'];
  return typeof value === 'string' ? value : null;
}

export function showExchange(
  task: CompiledTask,
  { method, url, headers }: Omit<MaskedRequest, 'body'>,
  result: SendResult,
): StoredExchange {
  const { response } = result;
  const truncated =
    response !== null && (response.note !== null || response.bodyBytes > response.body.length);
  return {
    request: { method, url, headers },
    response: response && {
      statusCode: response.statusCode,
      headers: maskHeaders(task, response.headers),
      body: maskAnswer(response.body.toString('utf8').replaceAll('\0', '\uFFFD'), task, truncated),
      bodyBytes: response.bodyBytes,
      truncated,
      note: response.note,
    },
    timing: { ...result.timing, totalMs: result.durationMs },
    egress: { ...result.egress, explanation: maskAnswer(result.egress.explanation, task) },
  };
}

/** What went wrong is told in the receiver's words too, and these may echo a secret. */
export function maskOutcome(task: CompiledTask, outcome: Outcome): Outcome {
  if (outcome.kind === 'response') return outcome;
  return { ...outcome, detail: maskAnswer(outcome.detail, task) };
}

function maskHeaders(
  task: CompiledTask,
  headers: Readonly<Record<string, string | string[]>>,
): Record<string, string | string[]> {
  const mask = (value: string) => maskAnswer(value, task);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? mask(value) : value.map(mask),
    ]),
  );
}
