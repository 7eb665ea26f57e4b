// A webhook task's URL: references in path and query, nowhere else.
import { climbs } from '../sending/egress/climbing-path.ts';
import type { Facts } from './fact.ts';
import { maxUrlBytes, Oversize } from './oversize.ts';
import { parseTemplate, readOwnText, renderWith, type Template } from './template.ts';

/** Scheme, host and port, normalised: what a stored secret may be sent to. */
export interface Target {
  /** `https://example.com:8443` */
  readonly origin: string;
  /** `example.com:8443`; the port only where it is not the scheme's own. */
  readonly host: string;
}

export interface UrlTemplate extends Target {
  /** Empty, or from its `/` or `?` to before a `#`, which is never sent. */
  readonly rest: Template;
  /** The whole URL, normalised, where nothing has to be filled in; else null. */
  readonly fixed: string | null;
}

export type ParsedUrl =
  | { readonly ok: true; readonly url: UrlTemplate }
  | { readonly ok: false; readonly detail: string };

const urlParts = /^(https?:\/\/)([^/?#]*)([^#]*)/iu;

const parsedUrls = new Map<string, ParsedUrl>();

/**
 * Reads a task's URL. Refuses what could move the host: references before the path, odd spellings, credentials. The rules of
 * a task, its secrets' receiver, the egress policy and its host each ask for it while it is saved: it is read once.
 */
export function parseUrlTemplate(text: string): ParsedUrl {
  const kept = parsedUrls.get(text);
  if (kept !== undefined) return kept;
  if (parsedUrls.size >= 200) parsedUrls.clear();
  const parsed = parseText(text);
  // Longer ones are refused, and would only fill the memory.
  if (text.length <= maxUrlBytes) parsedUrls.set(text, parsed);
  return parsed;
}

function parseText(text: string): ParsedUrl {
  // The URL standard drops or rewrites these silently, so that the host would not be the one that is read here.
  if (/[\p{Cc}\s\\]/u.test(text)) {
    return refuse('Remove spaces, control characters and backslashes from the URL, or percent-encode them.');
  }
  const [, scheme, authority, rest] = urlParts.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) {
    return refuse('Give a whole URL that begins with http:// or https://.');
  }
  const fault = findAuthorityFault(authority);
  if (fault !== null) return refuse(fault);
  const base = URL.parse(scheme + authority);
  if (base === null) return refuse(`${JSON.stringify(authority)} is not a host, or not a host with a port.`);
  return { ok: true, url: buildUrl(base, parseTemplate(rest ?? '')) };
}

function refuse(detail: string): ParsedUrl {
  return { ok: false, detail };
}

function findAuthorityFault(authority: string): string | null {
  if (authority === '') return 'The URL has no host.';
  if (authority.includes('$')) {
    return 'References may stand in the path and the query of the URL, not in its scheme, host or port.';
  }
  if (authority.includes('@')) {
    return 'The URL must not hold a user name or password: use an Authorization header instead.';
  }
  return null;
}

function buildUrl(base: URL, rest: Template): UrlTemplate {
  const isFixed = rest.segments.every((segment) => typeof segment === 'string');
  const fixed = isFixed ? new URL(base.origin + rest.segments.join('')).href : null;
  return { origin: base.origin, host: base.host, rest, fixed };
}

/**
 * The exact URL to send to. Inserted text is percent-encoded, so that it can't leave its place in path or query. Throws
 * `Oversize` as soon as it grows beyond its bound.
 */
export function renderUrl(
  url: UrlTemplate,
  facts: Facts | null,
  secrets: ReadonlyMap<string, string>,
): string {
  const href = url.fixed ?? fillRest(url, facts, secrets);
  if (href === null || href.length > maxUrlBytes) throw new Oversize('url', maxUrlBytes);
  return href;
}

/** Bytes of the URL without what its references stand for. */
export function countOwnText({ origin, rest, fixed }: UrlTemplate): number {
  return (fixed ?? new URL(origin + readOwnText(rest)).href).length;
}

function fillRest(
  { origin, rest }: UrlTemplate,
  facts: Facts | null,
  secrets: ReadonlyMap<string, string>,
): string | null {
  const text = renderWith(rest, { facts, secrets, write: encodeInUrl, max: maxUrlBytes });
  return text === null ? null : new URL(origin + text).href;
}

/** Percent-encodes a value. Dots alone become `_`: a path segment `..` climbs up, however it is encoded. */
function encodeInUrl(value: string): string {
  if (/^\.+$/u.test(value)) return '_'.repeat(value.length);
  return encodeURIComponent(value.toWellFormed());
}

/**
 * What stays the same while a stored secret stays where it is: scheme, host, port, the path but for its last part, and the
 * names of the query, not their values. Null where that can't be told, as for a path that climbs when it is decoded again.
 */
export function readReceiver(text: string): string | null {
  const parsed = parseUrlTemplate(text);
  if (!parsed.ok) return null;
  const url = new URL(text.trim());
  if (climbs(url.href)) return null;
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1);
  return JSON.stringify([url.origin, folder, [...url.searchParams.keys()]]);
}

/** The target of a URL as written, or null where it is no URL for a webhook. */
export function readTarget(text: string): Target | null {
  const parsed = parseUrlTemplate(text);
  return parsed.ok ? { origin: parsed.url.origin, host: parsed.url.host } : null;
}

/** Host and port of a task's URL as written, whatever its references are. */
export function readHost(url: string): string {
  const target = readTarget(url);
  return target === null ? '' : target.host;
}
