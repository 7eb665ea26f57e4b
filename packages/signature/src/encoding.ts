// Bytes as text and back, with what every JavaScript runtime has.

export type Bytes = Uint8Array | ArrayBuffer | string;

const utf8 = new TextEncoder();

/** Puts a short text before the bytes, which are copied once: Web Crypto takes a message in one piece. */
export function joinBytes(prefix: string, rest: Bytes | null | undefined): Uint8Array<ArrayBuffer> {
  if (rest == null || typeof rest === 'string') return utf8.encode(prefix + (rest ?? ''));
  const head = utf8.encode(prefix);
  const joined = new Uint8Array(head.length + rest.byteLength);
  joined.set(head);
  joined.set(viewBytes(rest), head.length);
  return joined;
}

function viewBytes(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  if (!ArrayBuffer.isView(bytes)) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True for bytes or text, also of another realm (a test runner's, a frame's), where instanceof is false. */
export function isBytes(value: unknown): value is Bytes {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) return true;
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    parseInt(text.slice(at * 2, at * 2 + 2), 16),
  );
}

export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
