// Signs what goes out and verifies what came in: both directions in one file, so that they cannot drift.

import {
  type Bytes,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  isBytes,
  joinBytes,
} from './encoding.ts';
import { importKeys, listOf, type Secrets, type SigningKey, type SigningKeys } from './key.ts';

export { findSecretFault, importKey, SECRET_FAULTS } from './key.ts';
export type { HmacKey, ImportHmac, SecretFault, Secrets, SigningKey, SigningKeys } from './key.ts';
export type { Bytes } from './encoding.ts';

export const SIGNATURE_HEADER = 'X-Webhook-Signature';
export const DELIVERY_HEADER = 'X-Webhook-Delivery';
export const STANDARD_ID_HEADER = 'webhook-id';
export const STANDARD_TIMESTAMP_HEADER = 'webhook-timestamp';
export const STANDARD_SIGNATURE_HEADER = 'webhook-signature';

/** How far a timestamp may be from the receiver's clock, either way, in milliseconds. */
export const DEFAULT_TOLERANCE_MS = 300_000;

/** A rotation needs two signatures; a header with hundreds would only make the receiver calculate. */
const MAX_SIGNATURES = 16;

/** Why a request is not accepted, with a sentence for whoever reads the receiver's log. */
export const VERIFY_FAILURES = {
  no_secret: 'There is no usable secret to verify with: give the one that the webhook task has.',
  raw_body_needed: 'The body is neither bytes nor text: give it as it was received, before any parser.',
  missing_header:
    'A signature header is missing: the task has no secret, or something on the way took it off.',
  malformed: 'A signature header does not have the form that Flowhook sends.',
  expired: 'The timestamp is too old: the request is a late copy, or a clock is wrong.',
  too_new: 'The timestamp lies in the future: a clock is wrong.',
  mismatch:
    'No signature fits: another secret, a changed body, or (get, delete) another URL than was called.',
} as const;
export type VerifyFailure = keyof typeof VERIFY_FAILURES;

export interface SignableRequest {
  /** Any letter case. `get` and `delete` are signed by their URL, all others by their body. */
  readonly method: string;
  /** The exact URL that is called, with its query. */
  readonly url: string;
  /** The exact bytes; null or left out is an empty body. */
  readonly body?: Bytes | null | undefined;
}

export interface ReceivedRequest extends SignableRequest {
  /** A `Headers` object, or a plain one such as Node's `request.headers`; names in any letter case. */
  readonly headers:
    | { get(name: string): string | null }
    | Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface SignatureHeaders {
  [SIGNATURE_HEADER]: string;
  [DELIVERY_HEADER]: string;
  [STANDARD_ID_HEADER]: string;
  [STANDARD_TIMESTAMP_HEADER]: string;
  [STANDARD_SIGNATURE_HEADER]: string;
}

export interface VerifyOptions {
  /** Milliseconds, both ways; `DEFAULT_TOLERANCE_MS` unless given. */
  readonly tolerance?: number;
  /** The receiver's clock in Unix milliseconds; now unless given. */
  readonly now?: number;
}

/** `signedAt` is Unix milliseconds; `deliveryId` is what tells a repeat, null when its header is missing. */
export type Verdict =
  | { readonly ok: true; readonly signedAt: number; readonly deliveryId: string | null }
  | { readonly ok: false; readonly reason: VerifyFailure; readonly detail: string };

/** The bytes under `X-Webhook-Signature`: `<time>.<body>`, or `<time>.<url>` for get and delete. */
export function contentToSign(request: SignableRequest, time: number | string): Uint8Array<ArrayBuffer> {
  return joinBytes(`${time}.`, isSignedByUrl(request.method) ? request.url : request.body);
}

/** The bytes under `webhook-signature`: `<id>.<seconds>.<body>`, without a body for get and delete. */
export function standardContentToSign(
  request: SignableRequest,
  deliveryId: string,
  seconds: number | string,
): Uint8Array<ArrayBuffer> {
  return joinBytes(`${deliveryId}.${seconds}.`, isSignedByUrl(request.method) ? null : request.body);
}

export interface SignOptions {
  /** Visible ASCII without a dot; the same for every attempt of a delivery. */
  readonly deliveryId: string;
  /** Unix milliseconds, fresh for each attempt. */
  readonly time: number;
}

/**
 * Makes the headers of both schemes, with the delivery's id. Several keys give several signatures (a secret is being rotated):
 * `t=...,sha256=...,sha256=...` and `v1,... v1,...`; a receiver accepts any of them.
 * Throws a TypeError without keys and for an id or a time that no receiver would accept.
 */
export async function sign(
  keys: SigningKeys,
  request: SignableRequest,
  { deliveryId, time }: SignOptions,
): Promise<SignatureHeaders> {
  const list = listOf(keys);
  refuseUnsignable(list, deliveryId, time);
  const seconds = Math.floor(time / 1000);
  const content = contentToSign(request, time);
  const standardContent = standardContentToSign(request, deliveryId, seconds);
  const [hex, base64] = await Promise.all([
    Promise.all(list.map(async (key) => `sha256=${encodeHex(await key.text.sign(content))}`)),
    Promise.all(list.map(async (key) => `v1,${encodeBase64(await key.standard.sign(standardContent))}`)),
  ]);
  return {
    [SIGNATURE_HEADER]: `t=${time},${hex.join(',')}`,
    [DELIVERY_HEADER]: deliveryId,
    [STANDARD_ID_HEADER]: deliveryId,
    [STANDARD_TIMESTAMP_HEADER]: String(seconds),
    [STANDARD_SIGNATURE_HEADER]: base64.join(' '),
  };
}

function refuseUnsignable(keys: readonly SigningKey[], deliveryId: string, time: number): void {
  if (keys.length === 0 || keys.length > MAX_SIGNATURES) {
    throw new TypeError(`Between 1 and ${MAX_SIGNATURES} keys can sign, not ${keys.length}.`);
  }
  if (!isDeliveryId(deliveryId)) throw new TypeError('A delivery id is visible ASCII without a dot.');
  if (!isTime(String(time))) throw new TypeError('The time is a whole number of Unix milliseconds.');
}

/**
 * Verifies `X-Webhook-Signature`. Fits when any signature of the header fits any of the secrets.
 * What a sender can do is answered as data, never thrown. The delivery id is not under this signature.
 */
export async function verify(
  secrets: Secrets,
  request: ReceivedRequest,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const header = readHeader(request, SIGNATURE_HEADER);
  if (header === null) return refuse('missing_header');
  const parsed = parseSignature(header);
  if (!parsed) return refuse('malformed');
  const signedAt = Number(parsed.time);
  const refused = judgeTime(signedAt, options) ?? judgeBody(request);
  if (refused) return refuse(refused);
  const failure = await findMismatch(secrets, 'text', parsed.signatures, contentToSign(request, parsed.time));
  return failure ? refuse(failure) : { ok: true, signedAt, deliveryId: readHeader(request, DELIVERY_HEADER) };
}

/** Verifies the Standard Webhooks headers, in the same way. Here the delivery id is under the signature. */
export async function verifyStandard(
  secrets: Secrets,
  request: ReceivedRequest,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const deliveryId = readHeader(request, STANDARD_ID_HEADER);
  const seconds = readHeader(request, STANDARD_TIMESTAMP_HEADER);
  const header = readHeader(request, STANDARD_SIGNATURE_HEADER);
  if (deliveryId === null || seconds === null || header === null) return refuse('missing_header');
  const signatures = parseStandardSignatures(header);
  if (!signatures || !isTime(seconds) || !isDeliveryId(deliveryId)) return refuse('malformed');
  const signedAt = Number(seconds) * 1000;
  const refused = judgeTime(signedAt, options) ?? judgeBody(request);
  if (refused) return refuse(refused);
  const content = standardContentToSign(request, deliveryId, seconds);
  const failure = await findMismatch(secrets, 'standard', signatures, content);
  return failure ? refuse(failure) : { ok: true, signedAt, deliveryId };
}

function refuse(reason: VerifyFailure): Verdict {
  return { ok: false, reason, detail: VERIFY_FAILURES[reason] };
}

/** Reads `t=<digits>,sha256=<hex>[,sha256=<hex>...]`; members that it does not know are left aside. */
function parseSignature(header: string): { time: string; signatures: Uint8Array<ArrayBuffer>[] } | null {
  const members = header.split(',').map((member) => member.trim());
  const valuesOf = (name: string) =>
    members.filter((member) => member.startsWith(`${name}=`)).map((member) => member.slice(name.length + 1));
  const [time, ...moreTimes] = valuesOf('t');
  const signatures = valuesOf('sha256');
  if (time === undefined || moreTimes.length > 0 || !isTime(time)) return null;
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) return null;
  if (!signatures.every((signature) => /^[0-9a-f]{64}$/i.test(signature))) return null;
  return { time, signatures: signatures.map(decodeHex) };
}

/** Reads `v1,<base64>[ v1,<base64>...]`; signatures of other versions are left aside. */
function parseStandardSignatures(header: string): Uint8Array<ArrayBuffer>[] | null {
  const signatures = header.split(' ').filter((part) => part.startsWith('v1,'));
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) return null;
  if (!signatures.every((part) => /^v1,[A-Za-z0-9+/]{43}=$/.test(part))) return null;
  return signatures.map((part) => decodeBase64(part.slice(3)));
}

function judgeTime(signedAt: number, options: VerifyOptions): VerifyFailure | null {
  const { tolerance = DEFAULT_TOLERANCE_MS, now = Date.now() } = options;
  // Written so that a NaN refuses.
  if (!(now - signedAt <= tolerance)) return 'expired';
  return signedAt - now <= tolerance ? null : 'too_new';
}

/** A body that no signature is made over may be anything: some frameworks give `{}` with every GET. */
function judgeBody({ method, body }: ReceivedRequest): VerifyFailure | null {
  return isSignedByUrl(method) || body == null || isBytes(body) ? null : 'raw_body_needed';
}

async function findMismatch(
  secrets: Secrets,
  scheme: keyof SigningKey,
  signatures: readonly Uint8Array<ArrayBuffer>[],
  content: Uint8Array<ArrayBuffer>,
): Promise<VerifyFailure | null> {
  const keys = await importKeys(secrets);
  if (!keys) return 'no_secret';
  for (const key of keys) {
    for (const signature of signatures) {
      if (await key[scheme].verify(content, signature)) return null;
    }
  }
  return 'mismatch';
}

/** An empty header counts as none. */
function readHeader({ headers }: ReceivedRequest, name: string): string | null {
  if (typeof headers.get === 'function') return headers.get(name) || null;
  const plain = headers as Readonly<Record<string, string | readonly string[] | undefined>>;
  const found = Object.keys(plain).find((key) => key.toLowerCase() === name.toLowerCase());
  const value = found === undefined ? undefined : plain[found];
  return (typeof value === 'string' ? value : value?.join(',')) || null;
}

function isSignedByUrl(method: string): boolean {
  return /^(?:get|delete)$/i.test(method);
}

/** A dot in the id would let one signature fit two readings of `id.seconds.body`. */
function isDeliveryId(text: string): boolean {
  return /^[\x21-\x2d\x2f-\x7e]+$/.test(text);
}

/** At most 15 digits: every such number is exact, and written in one way only. */
function isTime(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text);
}
