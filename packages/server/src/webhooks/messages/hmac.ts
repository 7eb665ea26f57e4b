// HMAC-SHA256 by node:crypto, for `importKey`: in the calling thread, without a turn through the thread pool.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { ImportHmac } from '@flowhook/signature';

/** Makes a key ready to sign and verify in Node. */
export const importNodeHmac: ImportHmac = (bytes) => {
  const key = createSecretKey(bytes);
  const sign = (content: Uint8Array) => createHmac('sha256', key).update(content).digest();
  return {
    sign,
    verify: (content, signature) => {
      const expected = sign(content);
      return signature.length === expected.length && timingSafeEqual(expected, signature);
    },
  };
};
