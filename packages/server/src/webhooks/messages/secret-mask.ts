// Finds secret values in what is stored and shown, in the forms that an echo gives them, and masks them.
import { maskedText } from './frozen-body.ts';
import { writeInHeader } from './header.ts';

/** A shorter value is not looked for: it would black out ordinary text and protects nothing. */
export const shortestMasked = 4;

/** What is dropped at the end of a text that was cut is a multiple of this, so that it tells no secret's length. */
const cutStep = 1024;

export interface SecretMask {
  /** The text with every known form of every secret replaced by `****`. */
  maskText(text: string): string;
  /**
   * The same for a text that was cut. Its end is dropped, as much as the longest secret may have, whatever stands there:
   * were it dropped only where a secret begins, who chooses the text would learn it one character after the other.
   */
  maskCutText(text: string): string;
}

/** A mask for a task's secrets: build it once, use it for each request and answer. */
export function createMask(secrets: Iterable<string>): SecretMask {
  const forms = new Set([...secrets].flatMap(listForms).filter((form) => form.length >= shortestMasked));
  // The longest first, so that a secret that holds another is masked whole.
  const needles = [...forms].sort((a, b) => b.length - a.length);
  if (needles.length === 0) return { maskText: (text) => text, maskCutText: (text) => text };
  const pattern = new RegExp(needles.map(escapePattern).join('|'), 'gu');
  const maskText = (text: string) =>
    needles.some((needle) => text.includes(needle)) ? text.replaceAll(pattern, maskedText) : text;
  const dropped = Math.ceil(needles[0]!.length / cutStep) * cutStep;
  return { maskText, maskCutText: (text) => maskUpTo(text, text.length - dropped, pattern) };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}

/** The text up to a place, masked; what begins before the place and ends behind it is masked whole. */
function maskUpTo(text: string, place: number, pattern: RegExp): string {
  let masked = '';
  let at = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index >= place) break;
    masked += text.slice(at, index) + maskedText;
    at = index + found.length;
  }
  return masked + text.slice(at, Math.max(at, place));
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
  return [...parts, ...parts.map(decodePercents)].filter((part) => part.length >= shortestMasked);
}

function decodePercents(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// How servers and libraries write text into JSON, HTML, URLs and forms when they echo it.
const encoders: readonly ((text: string) => string)[] = [
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
  (text) => Buffer.from(text, 'latin1').toString('base64').replaceAll('=', ''),
];

function listForms(secret: string): string[] {
  if (secret.length < shortestMasked) return [];
  return listSpellings(secret.toWellFormed()).flatMap((text) => encoders.map((encode) => encode(text)));
}

/** As it is kept, as it goes into a header, with other line breaks, and as a reader takes UTF-8 for Latin-1. */
function listSpellings(secret: string): string[] {
  const spellings = [
    secret,
    writeInHeader(secret),
    secret.replaceAll(/\r?\n|\r/gu, '\n'),
    secret.replaceAll(/\r?\n|\r/gu, '\r\n'),
  ];
  return [...new Set([...spellings, ...spellings.map((text) => Buffer.from(text).toString('latin1'))])];
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
