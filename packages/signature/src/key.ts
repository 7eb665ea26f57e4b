// A secret made into the keys of both schemes, once.

import { decodeBase64 } from './encoding.ts';

/** Secrets that begin so hold their Standard Webhooks key as base64. */
const STANDARD_SECRET_PREFIX = 'whsec_';

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const utf8 = new TextEncoder();

/** Why a secret can't be used, with a sentence for its owner. */
export const SECRET_FAULTS = {
  empty: 'The secret is empty: give at least one character.',
  not_base64: 'A secret that begins with whsec_ must go on in base64, with its padding.',
} as const;
export type SecretFault = keyof typeof SECRET_FAULTS;

type Content = Uint8Array<ArrayBuffer>;

/** HMAC-SHA256 under one key. */
export interface HmacKey {
  /** The 32 bytes of the HMAC. */
  sign(content: Content): Uint8Array | Promise<Uint8Array>;
  /** Takes the same time wherever the signature differs. */
  verify(content: Content, signature: Content): boolean | Promise<boolean>;
}
export type ImportHmac = (key: Content) => HmacKey | Promise<HmacKey>;

/** A secret made ready once, to sign and verify many times in both schemes. */
export interface SigningKey {
  /** Keyed with the secret's UTF-8 bytes: `X-Webhook-Signature`. */
  readonly text: HmacKey;
  /** The same, or for `whsec_...` keyed with the decoded bytes: Standard Webhooks. */
  readonly standard: HmacKey;
}
export type SigningKeys = SigningKey | readonly SigningKey[];
export type Secrets = string | SigningKey | readonly (string | SigningKey)[];

/** Says why a secret can't be used, or null when it can. Ask before storing one: `importKey` throws. */
export function findSecretFault(secret: string): SecretFault | null {
  if (secret === '') return 'empty';
  if (!secret.startsWith(STANDARD_SECRET_PREFIX)) return null;
  const encoded = secret.slice(STANDARD_SECRET_PREFIX.length);
  // Strict, because a receiver's library may be: what only we could decode would fail there.
  const strict = encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  return strict ? null : 'not_base64';
}

/**
 * Makes a secret ready for `sign` and `verify`. Throws a TypeError for what `findSecretFault` names.
 * `importHmac` is Web Crypto unless given. A busy server on Node hands in one made of node:crypto: Web Crypto
 * puts each call into the thread pool, where it waits behind file work and name look-ups (with the pool busy
 * for 160 ms a signature took 158 ms, against 0.1 ms; idle, 30 k requests signed a second against 85 k).
 */
export async function importKey(secret: string, importHmac: ImportHmac = importSubtle): Promise<SigningKey> {
  const fault = findSecretFault(secret);
  if (fault) throw new TypeError(SECRET_FAULTS[fault]);
  const text = await importHmac(utf8.encode(secret));
  if (!secret.startsWith(STANDARD_SECRET_PREFIX)) return { text, standard: text };
  return { text, standard: await importHmac(decodeBase64(secret.slice(STANDARD_SECRET_PREFIX.length))) };
}

async function importSubtle(bytes: Content): Promise<HmacKey> {
  const key = await crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign', 'verify']);
  return {
    sign: async (content) => new Uint8Array(await crypto.subtle.sign('HMAC', key, content)),
    verify: (content, signature) => crypto.subtle.verify('HMAC', key, signature, content),
  };
}

/** Null when one of them can't be used: a receiver with a broken setting accepts nothing. */
export async function importKeys(secrets: Secrets): Promise<readonly SigningKey[] | null> {
  const list = listOf(secrets);
  const usable = list.every((each) => (typeof each === 'string' ? findSecretFault(each) === null : each));
  if (list.length === 0 || !usable) return null;
  return Promise.all(list.map(async (each) => (typeof each === 'string' ? importKey(each) : each)));
}

/** One or several, as a list. */
export function listOf<T extends string | SigningKey>(oneOrMore: T | readonly T[]): readonly T[] {
  return Array.isArray(oneOrMore) ? oneOrMore : [oneOrMore as T];
}
