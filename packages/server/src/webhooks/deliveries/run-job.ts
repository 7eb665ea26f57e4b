// An attempt that runs another job of this server instead of sending a request: the same outcome, settled the same way.
import type { Clock } from '../../base/clock.ts';
import { describeCode, Problem } from '../../base/error.ts';
import type { Claim } from './delivery-claim.ts';
import { egressRules } from '../sending/egress/policy.ts';
import type { Outcome } from '../sending/outcome.ts';
import type { StoredExchange } from './stored-exchange.ts';

/** Where this server's own API takes launches, as a request task would write it. */
export const ownLaunchPath = '/v4/jobGroups';

/** What a task that runs a job asks for. */
export interface JobToStart {
  readonly recipeId: number;
  /** Whose rights it has, as they are at the attempt. */
  readonly personId: number;
  /** The public id of the delivery: it starts one job, however often it is tried. */
  readonly delivery: string;
  /** How many webhooks have led to the job. */
  readonly hop: number;
}

/** Launches; throws a `Problem` where the person may not, or the recipe can't be run. Returns the job's id. */
export type StartJob = (job: JobToStart) => Promise<number>;

export interface RunTarget {
  readonly recipeId: number;
  readonly personId: number;
}

export interface Ran {
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly exchange: StoredExchange;
}

/** A refusal is an answer with its status, as the API would have given it: 404 and 409 may be tried again. */
export async function runJob(
  start: StartJob,
  clock: Clock,
  claim: Pick<Claim, 'publicId' | 'hop'>,
  { recipeId, personId }: RunTarget,
): Promise<Ran> {
  const startedAt = clock.now();
  const answer = await start({ recipeId, personId, delivery: claim.publicId, hop: claim.hop + 1 })
    .then((id) => ({ statusCode: 201, body: JSON.stringify({ id }) }))
    .catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      const { status, title } = describeCode(error.code);
      // Not the refusal's own words: they may name a flow or a recipe that those who read this attempt may not see.
      return { statusCode: status, body: JSON.stringify({ code: error.code, detail: title }) };
    });
  const durationMs = Math.max(0, clock.now() - startedAt);
  const { statusCode, body } = answer;
  return {
    outcome: { kind: 'response', statusCode },
    startedAt,
    durationMs,
    exchange: {
      request: { method: 'POST', url: ownLaunchPath, headers: { 'X-Webhook-Delivery': claim.publicId } },
      response: {
        statusCode,
        headers: {},
        body,
        bodyBytes: Buffer.byteLength(body),
        truncated: false,
        note: null,
      },
      timing: {
        dnsMs: null,
        connectMs: null,
        tlsMs: null,
        firstByteMs: null,
        bodyMs: null,
        totalMs: durationMs,
      },
      egress: {
        allowed: true,
        rule: 'self_call',
        explanation: egressRules.self_call,
        address: null,
        matched: null,
      },
    },
  };
}
