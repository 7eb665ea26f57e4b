// Finds secret values in what is stored and shown, in the forms that an echo gives them, and masks them.
import { MASK } from './frozen-body.ts';

/** A shorter value is not looked for: it would black out ordinary text and protects nothing. */
export const SHORTEST_MASKED = 4;

/** The end of a text that was cut is masked too, where at least so many characters of a secret begin there. */
const SHORTEST_CUT = 8;

export interface SecretMask {
  /** The text with every known form of every secret replaced by `****`. */
  maskText(text: string): string;
  /** The same for a text that was cut: a secret that the cut went through is masked as well. */
  maskCutText(text: string): string;
}

/** A mask for a task's secrets: build it once, use it for each request and answer. */
export function createMask(secrets: Iterable<string>): SecretMask {
  const forms = new Set([...secrets].flatMap(listForms).filter((form) => form.length >= SHORTEST_MASKED));
  // The longest first, so that a secret that holds another is masked whole.
  const needles = [...forms].sort((a, b) => b.length - a.length);
  if (needles.length === 0) return { maskText: (text) => text, maskCutText: (text) => text };
  const pattern = new RegExp(needles.map(escapePattern).join('|'), 'gu');
  const maskText = (text: string) =>
    needles.some((needle) => text.includes(needle)) ? text.replaceAll(pattern, MASK) : text;
  return { maskText, maskCutText: (text) => maskEnd(maskText(text), needles) };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}

function maskEnd(text: string, needles: readonly string[]): string {
  let longest = 0;
  for (const needle of needles) {
    for (
      let length = Math.min(needle.length, text.length);
      length >= SHORTEST_CUT && length > longest;
      length -= 1
    ) {
      if (text.endsWith(needle.slice(0, length))) longest = length;
    }
  }
  return longest === 0 ? text : text.slice(0, -longest) + MASK;
}

/** The secrets in a header's value: the whole of it, what follows the scheme, Basic's password, a cookie's values. */
export function listHeaderSecrets(name: string, value: string): string[] {
  const secrets = [value];
  const credentials = /^[A-Za-z][A-Za-z0-9_-]* +(\S.*)$/u.exec(value)?.[1];
  if (credentials !== undefined) secrets.push(credentials);
  if (credentials !== undefined && /^basic /iu.test(value)) secrets.push(...readBasic(credentials));
  if (name.toLowerCase() === 'cookie')
    secrets.push(...value.split(/[;=] */u).filter((part) => part.length >= 8));
  return secrets;
}

function readBasic(credentials: string): string[] {
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? [] : [pair, pair.slice(colon + 1)];
}

/** The secrets in a URL whose path and query are a credential: both together and apart, as sent and decoded. */
export function listUrlSecrets(href: string): string[] {
  const { pathname, search } = new URL(href);
  const parts = [pathname + search, pathname, pathname.slice(1), search.slice(1)];
  return [...parts, ...parts.map(decodePercents)].filter((part) => part.length >= SHORTEST_MASKED);
}

function decodePercents(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// How servers and libraries write text into JSON, HTML, URLs and forms when they echo it.
const ENCODERS: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeJson,
  (text) => encodeJson(encodeJson(text)),
  (text) => encodeJson(text).replaceAll('/', '\\/'),
  (text) => encodeJson(text).replaceAll(/[\u007f-\uffff]/gu, escapeUnit),
  (text) => encodeJson(text).replaceAll(/[<>&]/gu, escapeUnit),
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/gu, (byte) => byte.toLowerCase()),
  (text) => encodeURI(text),
  (text) => new URLSearchParams([['', text]]).toString().slice(1),
  (text) => escapeHtml(text, '&#34;', '&#39;'),
  (text) => escapeHtml(text, '&quot;', '&#x27;'),
  (text) => escapeHtml(text, '&quot;', "'"),
  // Without its padding, and short of what the text after it would change.
  (text) => Buffer.from(text).toString('base64').replaceAll('=', ''),
  (text) => Buffer.from(text).toString('base64url'),
];

function listForms(secret: string): string[] {
  if (secret.length < SHORTEST_MASKED) return [];
  const whole = secret.toWellFormed();
  return ENCODERS.map((encode) => encode(whole));
}

function encodeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escapeUnit(unit: string): string {
  return [...Array(unit.length).keys()]
    .map((index) => `\\u${unit.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

function escapeHtml(text: string, quote: string, apostrophe: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', quote)
    .replaceAll("'", apostrophe);
}
