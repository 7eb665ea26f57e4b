// A body frozen with its event: rendered text in which only the slots of secrets are left open.
import type { Facts } from './fact.ts';
import { maxBodyBytes, Oversize } from './oversize.ts';
import { type Place, type Template, writeAt, writeReference } from './template.ts';

/** What stands where a secret was. */
export const maskedText = '****';

export interface FrozenSecret {
  readonly secret: string;
  readonly place: Place;
}

/** Plain text, or text with slots. Serialisable as JSON. */
export type FrozenBody = string | readonly (string | FrozenSecret)[];

export type Freezing =
  | { readonly ok: true; readonly body: FrozenBody }
  | { readonly ok: false; readonly reason: 'body_too_large' | 'body_failed'; readonly detail: string };

/** Fills the references of a body. Never throws: what goes wrong is data, for a delivery that is recorded dead. */
export function freezeBody(template: Template, facts: Facts): Freezing {
  try {
    return freezeSegments(template, facts);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      reason: 'body_failed',
      detail: `The body could not be made from the event: ${detail}`,
    };
  }
}

function freezeSegments(template: Template, facts: Facts): Freezing {
  const parts: (string | FrozenSecret)[] = [];
  let text = '';
  let length = 0;
  for (const segment of template.segments) {
    if (typeof segment !== 'string' && segment.kind === 'secret') {
      parts.push(text, { secret: segment.name, place: segment.place });
      text = '';
      continue;
    }
    const added = typeof segment === 'string' ? segment : writeReference(segment, facts);
    // Counted as it grows: a long list of files named a thousand times must not be built first.
    length += Buffer.byteLength(added);
    if (length > maxBodyBytes) return refuseSize();
    text += added;
  }
  return { ok: true, body: parts.length === 0 ? text : [...parts, text].filter((part) => part !== '') };
}

function refuseSize(): Freezing {
  const detail = `The body has more than ${maxBodyBytes} bytes after its references were filled in: refer to less.`;
  return { ok: false, reason: 'body_too_large', detail };
}

/**
 * The exact text to send: secrets of now in their slots. A secret that is not there stays as it was written. Throws
 * `Oversize` as soon as the body grows beyond its bound.
 */
export function fillSecrets(body: FrozenBody, secrets: ReadonlyMap<string, string>): string {
  return fillSlots(body, (name) => secrets.get(name) ?? `$secret.${name}`);
}

/** The text to show and store: every slot masked. */
export function maskSecrets(body: FrozenBody): string {
  return fillSlots(body, () => maskedText);
}

function fillSlots(body: FrozenBody, find: (name: string) => string): string {
  if (typeof body === 'string') return body;
  let text = '';
  let length = 0;
  for (const part of body) {
    const added = typeof part === 'string' ? part : writeAt(part.place, find(part.secret));
    length += Buffer.byteLength(added);
    if (length > maxBodyBytes) throw new Oversize('body', maxBodyBytes);
    text += added;
  }
  return text;
}

// A control character that no text body of ours begins with by accident; one that does is stored as JSON.
const slotsMark = '\u0001';

/** The text for one column: plain text as it is, so that most bodies are never parsed again. */
export function packBody(body: FrozenBody): string {
  if (typeof body === 'string' && !body.startsWith(slotsMark)) return body;
  return slotsMark + JSON.stringify(body);
}

/** The body that `packBody` stored. */
export function unpackBody(text: string): FrozenBody {
  return text.startsWith(slotsMark) ? (JSON.parse(text.slice(1)) as FrozenBody) : text;
}
