// Secrets at rest: AES-256-GCM under a ring of keys, the first of which seals. Tokens: random, stored as a SHA-256.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export interface SecretBox {
  /** `v2:<key id>:<iv>:<tag>:<text>`, base64url each. `context` names where it is stored, so that a copied row does not open elsewhere. */
  seal(text: string, context: string): string;
  /** Throws if no key of the ring sealed it, or the text or context was changed. */
  open(sealed: string, context: string): string;
  /**
   * Tells whether a text is another, base64url: equal texts have equal marks while the sealing key stays, and without it
   * nobody finds by trying which text a mark is of.
   */
  mark(text: string): string;
  /** The id of the key that seals now. It tells nothing about the key. */
  readonly keyId: string;
  /** How many keys can open; more than one while the key is being changed. */
  readonly keyCount: number;
  /** Takes another ring, the sealing key first. */
  turn(keys: readonly string[]): void;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
  readonly markBytes: Buffer;
}

const version = 'v2';
const ivBytes = 12;
const idBytes = 6;

/**
 * `keys`: texts of at least 16 characters, 32 random bytes in base64url when made by `makeKey`; the first one seals.
 * `findMore` is asked where a key is missing: another node may have begun to seal with a new one.
 */
export function createSecretBox(
  keys: readonly string[],
  findMore: () => readonly string[] = () => [],
): SecretBox {
  let ring = keys.map(toKey);
  const find = (id: string) => ring.find((key) => key.id === id);
  const findOrReload = (id: string) => {
    if (find(id) === undefined) {
      const more = findMore();
      if (more.length > 0) ring = more.map(toKey);
    }
    return find(id);
  };
  return {
    get keyId() {
      return ring[0]!.id;
    },
    get keyCount() {
      return ring.length;
    },
    turn(next) {
      ring = next.map(toKey);
    },
    mark: (text) => createHmac('sha256', ring[0]!.markBytes).update(text).digest('base64url'),
    seal: (text, context) => seal(ring[0]!, text, context),
    open(sealed, context) {
      const key = findOrReload(keyIdOf(sealed));
      if (key === undefined) throw new Error('sealed with a key that is not here');
      return open(key, sealed, context);
    },
  };
}

/** The id of the key that sealed it. Throws where it is no sealed secret. */
export function keyIdOf(sealed: string): string {
  const [found, id] = sealed.split(':');
  if (found !== version || id === undefined) throw new Error('not a sealed secret');
  return id;
}

/** What every text begins with that this key sealed, for a search by SQL. */
export function sealedPrefix(keyId: string): string {
  return `${version}:${keyId}:`;
}

function toKey(key: string): Key {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', key, 'flowhook', purpose, length));
  return {
    id: derive('key id', idBytes).toString('base64url'),
    bytes: derive('secrets at rest', 32),
    markBytes: derive('marks of texts', 32),
  };
}

function seal({ id, bytes }: Key, text: string, context: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const parts = [iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'));
  return [version, id, ...parts].join(':');
}

function open({ bytes }: Key, sealed: string, context: string): string {
  const [, , iv, tag, text] = sealed.split(':');
  if (iv === undefined || tag === undefined || text === undefined) throw new Error('not a sealed secret');
  const decipher = createDecipheriv('aes-256-gcm', bytes, Buffer.from(iv, 'base64url')).setAAD(
    Buffer.from(context),
  );
  decipher.setAuthTag(Buffer.from(tag, 'base64url'));
  return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8');
}

export function makeKey(): string {
  return randomBytes(32).toString('base64url');
}

/** A token value: `prefix` shows people and scanners what it is. */
export function makeToken(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a token. It has 256 random bits, so a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
