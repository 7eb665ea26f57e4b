// Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TOLERANCE_MS = 5 * 60 * 1000;
const FORM = /^t=([0-9]{1,15})((?:,[a-z0-9]+=[0-9a-f]+)+)$/;

/**
 * Answers 'ok' or why the request is refused. `header` is X-Webhook-Signature or undefined,
 * `body` the raw bytes as they came, `url` the whole URL that was called, with its query.
 */
export function verify(secret, header, method, url, body, now = Date.now()) {
  if (!secret) return 'no_secret';
  if (!header) return 'missing_header';
  const [, time, members = ''] = FORM.exec(header) ?? [];
  const signatures = [...members.matchAll(/,sha256=([0-9a-f]{64})\b/g)].map(([, hex]) => hex);
  if (signatures.length === 0) return 'malformed';
  if (now - Number(time) > TOLERANCE_MS) return 'expired';
  if (Number(time) - now > TOLERANCE_MS) return 'too_new';
  const signed = /^(get|delete)$/i.test(method) ? url : body;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(signed).digest();
  const fits = signatures.some((hex) => timingSafeEqual(Buffer.from(hex, 'hex'), expected));
  return fits ? 'ok' : 'mismatch';
}

/** True when this X-Webhook-Delivery was taken before; the first to create its mark has it. */
export function isRepeat(folder, deliveryId) {
  const mark = join(folder, createHash('sha256').update(deliveryId).digest('hex'));
  try {
    writeFileSync(mark, '', { flag: 'wx' });
    return false;
  } catch (error) {
    if (error.code === 'EEXIST') return true;
    throw error;
  }
}
