// The test and the preview of a webhook task.
import { webhookTaskEndpoints as endpoints } from '@flowhook/contract/webhook/webhook-task';
import type { BodyOf, ReplyOf } from '@flowhook/contract/endpoint';
import { findJsonFault } from '../../../base/json-fault.ts';
import { backtestTask, type Backtest } from '../../../webhooks/trials/backtest.ts';
import { createTrialRate, type TrialKind } from '../../../webhooks/trials/trial-rate.ts';
import type { Caller } from '../../../people/caller.ts';
import { isSuccess } from '../../../webhooks/sending/outcome.ts';
import {
  previewTask,
  tryTask,
  type Trial,
  type TrialContext,
  type TrialRequest,
} from '../../../webhooks/trials/trial.ts';
import { refer, writeTime } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';
import { inApiWords, takeRecipeIds } from '../../views/task-word.ts';

export function webhookTrialRoutes(context: TrialContext & { testsPerMinute(): number }): Route[] {
  const rate = createTrialRate(context.testsPerMinute);
  const take = (kind: TrialKind, { personId }: Caller) => rate.take(kind, personId, context.now());
  return [
    implement(endpoints.test, async ({ body, caller }) => {
      take('test', caller);
      return showTrial(await inApiWords(tryTask(context, caller, toTrial(body))));
    }),
    implement(endpoints.backtest, async ({ body, caller }) => {
      take('backtest', caller);
      return showBacktest(await inApiWords(backtestTask(context, caller, takeRecipeIds(body))));
    }),
    implement(endpoints.preview, async ({ body, caller }) => {
      take('preview', caller);
      const { composition, warnings } = await inApiWords(previewTask(context, caller, toTrial(body)));
      const { method, url, headers, body: text } = composition.masked;
      const signedText = composition.stringToSign?.replace(/^\d+\./u, 't.') ?? null;
      return {
        method: method.toLowerCase(),
        url,
        headers: { ...headers },
        body: text,
        // Of what is shown: the bytes that are sent would tell how long the secrets in them are.
        bodyBytes: text === null ? null : Buffer.byteLength(text),
        jsonFault: findFault(headers, text),
        signedText,
        warnings: [...warnings],
      };
    }),
  ];
}

/** A body that says or shows to be JSON is looked at as such. */
function findFault(headers: Readonly<Record<string, string>>, body: string | null) {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const isJson = body !== null && (/[/+]json\b/iu.test(type) || (type === '' && /^\s*[[{]/u.test(body)));
  return isJson ? findJsonFault(body) : null;
}

const maxShown = 100;

function showBacktest({
  firings,
  notFired,
  compared,
  ...rest
}: Backtest): ReplyOf<typeof endpoints.backtest> {
  return {
    ...rest,
    wouldFire: firings.length,
    firings: firings
      .toReversed()
      .slice(0, maxShown)
      .map(({ jobId, at, ...firing }) => ({ ...firing, jobGroup: refer(jobId), at: writeTime(at) })),
    notFired: notFired.map((each) => ({ ...each })),
    invalidBodies: firings.filter(({ bodyFault }) => bodyFault !== null).length,
    compared: compared && { ...compared },
  };
}

function toTrial({ jobGroupId, ...body }: BodyOf<typeof endpoints.test>): TrialRequest {
  return { ...takeRecipeIds(body), jobId: jobGroupId };
}

function showTrial({ result, exchange, body, signature, warnings }: Trial): ReplyOf<typeof endpoints.test> {
  const { outcome } = result;
  const failure = outcome.kind === 'failure' ? outcome : null;
  const success = isSuccess(outcome);
  return {
    status: success ? 'success' : 'failure',
    error: success ? null : (failure?.detail ?? `The receiver answered ${outcome.statusCode}.`),
    signature,
    warnings: [...warnings],
    outcome: outcome.kind,
    statusCode: outcome.statusCode ?? null,
    reason: failure?.reason ?? null,
    detail: failure?.detail ?? null,
    address: result.address,
    timing: { ...exchange.timing },
    request: { ...exchange.request, headers: { ...exchange.request.headers }, body },
    response: exchange.response && { ...exchange.response, headers: { ...exchange.response.headers } },
    egress: {
      allowed: exchange.egress.allowed,
      rule: exchange.egress.rule,
      detail: exchange.egress.explanation,
      address: exchange.egress.address,
    },
  };
}
