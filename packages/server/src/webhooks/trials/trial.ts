// Trying a task before it is needed: the production path with sample facts, or those of a past job; nothing is recorded.
import { randomBytes } from 'node:crypto';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import { invalidFields, notFound } from '../../base/error.ts';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';
import { maskOutcome, showExchange, type StoredExchange } from '../deliveries/attempt.ts';
import { compileTask, type CompiledTask } from '../messages/compiled-task.ts';
import { composeRequest, type Composition } from '../messages/composition.ts';
import { makeSampleFacts, readFacts, type Facts } from '../messages/fact.ts';
import { freezeBody } from '../messages/frozen-body.ts';
import { importNodeHmac } from '../messages/hmac.ts';
import type { Sender } from '../sending/sender.ts';
import type { SendResult } from '../sending/send-result.ts';
import { changeTask, type TaskChange } from '../tasks/task-change.ts';
import { listWarnings, requireTask, type TaskContext } from '../tasks/task-editing.ts';
import { checkRequest, checkSecrets, type TaskDefinition } from '../tasks/task-rule.ts';
import { parseTemplate } from '../messages/template.ts';

export interface TrialContext extends TaskContext {
  readonly sender: Sender;
  readonly version: string;
  /** Without a `/` at its end. */
  baseUrl(): string;
  now(): number;
}

/** A whole definition, or a saved task by its id with changes; facts of a past job where one is named. */
export type TrialRequest = TaskChange & {
  readonly id?: number | undefined;
  readonly flowId?: number | undefined;
  readonly jobId?: number | undefined;
};

export interface Trial {
  readonly result: SendResult;
  readonly exchange: StoredExchange;
  readonly body: string | null;
  readonly signature: { readonly header: string; readonly signedText: string } | null;
  readonly warnings: readonly string[];
}

/** Fires one real request. What the receiver or the egress policy does is the result, not an error. */
export async function tryTask(context: TrialContext, caller: Caller, request: TrialRequest): Promise<Trial> {
  const { task, composition, warnings } = await prepare(context, caller, request);
  const result = await context.sender.send(composition.request);
  const header = composition.request.headers['X-Webhook-Signature'];
  return {
    result: { ...result, outcome: maskOutcome(task, result.outcome) },
    exchange: showExchange(task, composition.masked, result),
    body: composition.masked.body,
    signature:
      header === undefined || composition.stringToSign === null
        ? null
        : { header, signedText: composition.stringToSign },
    warnings,
  };
}

/** The same without sending. */
export async function previewTask(
  context: TrialContext,
  caller: Caller,
  request: TrialRequest,
): Promise<{ composition: Composition; warnings: readonly string[] }> {
  return prepare(context, caller, request);
}

async function prepare(
  context: TrialContext,
  caller: Caller,
  request: TrialRequest,
): Promise<{ task: CompiledTask; composition: Composition; warnings: readonly string[] }> {
  const definition = await readDefinition(context, caller, request);
  const faults = [...checkRequest(definition), ...checkSecrets(definition)];
  if (faults.length > 0) throw invalidFields(faults);
  const facts = await readTrialFacts(context, caller, request);
  const headers = Object.fromEntries(
    Object.entries(definition.headers).map(([name, value]) => [name, value ?? '']),
  );
  const compiled = await compileTask(
    { ...definition, headers },
    { version: context.version, importHmac: importNodeHmac },
  );
  if (!compiled.ok) throw invalidFields([{ field: 'url', detail: compiled.detail }]);
  const frozen = definition.body === null ? null : freezeBody(parseTemplate(definition.body), facts);
  if (frozen !== null && !frozen.ok) throw invalidFields([{ field: 'body', detail: frozen.detail }]);
  const composition = await composeRequest(compiled.task, {
    publicId: `test_${randomBytes(16).toString('base64url')}`,
    body: frozen?.body ?? null,
    facts,
    eventKind: 'test',
    attempt: 1,
    hop: 1,
    time: context.now(),
  });
  return { task: compiled.task, composition, warnings: listWarnings(definition) };
}

const blank: TaskDefinition = {
  ...initialFields,
  name: 'Test',
  url: '',
  method: 'post',
  headers: {},
  triggerEvent: 'onJobDone',
  triggerObject: 'any',
  recipeIds: [],
  secretKey: null,
  secrets: {},
};

const notOfTask = new Set(['id', 'flowId', 'jobId', 'days']);

/** The task that is asked about. The rules of a change hold here too: a test draws no stored secret out to another target. */
export async function readDefinition(
  context: TaskContext & Pick<TrialContext, 'now'>,
  caller: Caller,
  request: TrialRequest,
): Promise<TaskDefinition> {
  const { id } = request;
  const change: TaskChange = Object.fromEntries(
    Object.entries(request).filter(([name]) => !notOfTask.has(name)),
  );
  const stored = id === undefined ? blank : await requireTask(context, caller, id, 'editor');
  if ('unopened' in stored && stored.unopened !== null) throw stored.unopened;
  const { task, faults } = changeTask(stored, change, context.now());
  if (faults.length > 0) throw invalidFields(faults);
  return { ...task, enabled: true };
}

async function readTrialFacts(context: TrialContext, caller: Caller, request: TrialRequest): Promise<Facts> {
  const { db } = context;
  if (request.jobId !== undefined) {
    const event = await db.read
      .selectFrom('events')
      .select('facts')
      .where('job_id', '=', request.jobId)
      .where('series_key', 'is not', null)
      // One that the caller may not see is as one that is not there: not even its flow is told.
      .where(visibleFlows(caller, 'events.flow_id'))
      .executeTakeFirst();
    if (event === undefined) throw notFound('ended job', request.jobId);
    return readFacts(event.facts);
  }
  const person = { id: caller.personId, name: caller.name, email: caller.email };
  const flow = { id: request.flowId ?? 0, name: 'Sample flow' };
  return makeSampleFacts({ now: context.now(), baseUrl: context.baseUrl(), flow, recipe: null, person });
}
