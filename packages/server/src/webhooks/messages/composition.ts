// Composes one attempt: the exact URL, headers and bytes to send, signed, and the same with secrets masked.
import { sign } from '@flowhook/signature';
import { carriesBody, type CompiledTask, type Filled, type Shown } from './compiled-task.ts';
import type { EventKind } from '@flowhook/contract/webhook/event-kind';
import type { OutgoingRequest } from '../sending/send-result.ts';
import type { Facts } from './fact.ts';
import { fillSecrets, maskSecrets, type FrozenBody } from './frozen-body.ts';
import { keysAt } from './key-overlap.ts';
import { maxHeadersBytes, Oversize } from './oversize.ts';
import { isJsonBody } from './template.ts';

/** The request as it may be stored and shown. */
export interface MaskedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** One attempt of one delivery. */
export interface DeliveryToCompose {
  /** The stable public id: visible ASCII without a dot. */
  readonly publicId: string;
  /** Null where the task had no body when the event was recorded. */
  readonly body: FrozenBody | null;
  /** Needed where `task.needsFacts`; else null does. */
  readonly facts: Facts | null;
  readonly eventKind: EventKind;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** How many webhooks have led to this request, itself included. */
  readonly hop: number;
  /** Epoch milliseconds; what the signature says. */
  readonly time: number;
}

export interface Composition {
  readonly request: OutgoingRequest;
  readonly masked: MaskedRequest;
  /** What X-Webhook-Signature was made over, with secrets masked; null without a secret key. */
  readonly stringToSign: string | null;
}

/** Composes and signs. Throws `Oversize` alone: what else could fail was checked at save, or frozen as data. */
export async function composeRequest(task: CompiledTask, delivery: DeliveryToCompose): Promise<Composition> {
  const url = fill(task.url, delivery.facts);
  const body = fillBody(task, delivery.body);
  const own = listOwnHeaders(task, delivery, body);
  const bytes = body === null ? null : Buffer.from(body.sent);
  const keys = keysAt(task, delivery.time);
  if (keys.length > 0) {
    const signable = { method: task.method, url: url.sent, body: bytes };
    Object.assign(own, await sign(keys, signable, { deliveryId: delivery.publicId, time: delivery.time }));
  }
  const method = task.requestMethod;
  const headers = fillHeaders(task, delivery.facts, own);
  const { sslVerification } = task;
  return {
    request: { method, url: url.sent, headers: headers.sent, body: bytes, sslVerification },
    masked: { method, url: url.masked, headers: headers.masked, body: body?.masked ?? null },
    stringToSign: task.key === null ? null : writeStringToSign(task, delivery.time, url, body),
  };
}

function fill(text: Filled, facts: Facts | null): Shown {
  return typeof text === 'function' ? text(facts) : text;
}

function fillBody(task: CompiledTask, body: FrozenBody | null): Shown | null {
  if (body === null || !carriesBody(task.method)) return null;
  return { sent: fillSecrets(body, task.secrets), masked: maskSecrets(body) };
}

function listOwnHeaders(
  task: CompiledTask,
  delivery: DeliveryToCompose,
  body: Shown | null,
): Record<string, string> {
  const own: Record<string, string> = {
    'X-Webhook-Delivery': delivery.publicId,
    'X-Webhook-Attempt': String(delivery.attempt),
    'X-Webhook-Event': delivery.eventKind,
    'X-Webhook-Hop': String(delivery.hop),
  };
  // The frozen body of a JSON template is not parsed again at each attempt.
  const isJson = body !== null && !task.hasContentType && isJsonBody(body.sent, task.bodyIsJson);
  if (isJson) own['Content-Type'] = 'application/json';
  return own;
}

function fillHeaders(task: CompiledTask, facts: Facts | null, own: Record<string, string>) {
  const sent = { ...task.fixedHeaders };
  const masked = { ...task.maskedHeaders };
  let size = countBytes(sent);
  if (size > maxHeadersBytes) throw new Oversize('headers', maxHeadersBytes);
  for (const { name, value } of task.filledHeaders) {
    const shown = value(facts);
    size += name.length + shown.sent.length;
    if (size > maxHeadersBytes) throw new Oversize('headers', maxHeadersBytes);
    sent[name] = shown.sent;
    masked[name] = shown.masked;
  }
  return { sent: Object.assign(sent, own), masked: Object.assign(masked, own) };
}

function countBytes(headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

function writeStringToSign(task: CompiledTask, time: number, url: Shown, body: Shown | null): string {
  return `${time}.${carriesBody(task.method) ? (body?.masked ?? '') : url.masked}`;
}

/** A receiver's answer as it may be stored: secrets that it echoes are masked. `cut` where it is not the whole. */
export function maskAnswer(text: string, task: Pick<CompiledTask, 'mask'>, cut = false): string {
  return cut ? task.mask.maskCutText(text) : task.mask.maskText(text);
}

/**
 * A request as it is stored: beside the places of secrets, whatever else of it holds one, as when a job's facts do. Not for
 * who chooses a text and looks at it at once, as in a preview: there it would answer guesses.
 */
export function maskRequest(
  { method, url, headers }: MaskedRequest,
  { mask }: Pick<CompiledTask, 'mask'>,
): Omit<MaskedRequest, 'body'> {
  const masked = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    mask.maskText(value),
  ]);
  return { method, url: mask.maskText(url), headers: Object.fromEntries(masked) };
}
