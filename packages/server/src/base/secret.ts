// Secrets at rest: AES-256-GCM under the workspace's key. Tokens: random, stored as a SHA-256.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

export interface SecretBox {
  /** `v1:<iv>:<tag>:<text>`, base64url each. `context` names where it is stored, so that a copied row does not open elsewhere. */
  seal(text: string, context: string): string;
  /** Throws if the key is another, or the text or context was changed. */
  open(sealed: string, context: string): string;
  /** A key for another purpose, derived from the same secret. */
  derive(purpose: string): Buffer;
}

const version = 'v1';
const ivBytes = 12;

/** `key` is any text of at least 16 characters; 32 random bytes in base64url when made by `makeKey`. */
export function createSecretBox(key: string): SecretBox {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, 'flowhook', purpose, 32));
  const sealingKey = derive('secrets at rest');
  return {
    derive,
    seal(text, context) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, iv).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [version, ...[iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join(
        ':',
      );
    },
    open(sealed, context) {
      const [found, iv, tag, text] = sealed.split(':');
      if (found !== version || iv === undefined || tag === undefined || text === undefined)
        throw new Error('not a sealed secret');
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, Buffer.from(iv, 'base64url')).setAAD(
        Buffer.from(context),
      );
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString(
        'utf8',
      );
    },
  };
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
