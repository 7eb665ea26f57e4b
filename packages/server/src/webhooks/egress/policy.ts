// Pure: which URLs and addresses may be called. The same policy answers at save, at test and at connect.
import { RE2JS } from 're2js';
import {
  isMetadata,
  isPublic,
  isWithin,
  readAddress,
  readRange,
  type Address,
  type Range,
} from './address.ts';

/** Every rule that can decide, with what it means. */
export const egressRules = {
  public: 'The address is public.',
  allowed_url: 'An allowed expression opens this URL.',
  self_call: 'Calls of this server’s own API are switched on.',
  not_a_url: 'This is not a whole URL.',
  scheme: 'Only http and https are called.',
  credentials: 'The URL holds a user name or password.',
  metadata: 'This is a cloud’s metadata service, which nothing can open.',
  forbidden_name: 'This name leads to this machine or to an inner network.',
  forbidden_address: 'The address is on the list of forbidden addresses.',
  not_public: 'The address is not public: it leads to this machine, an inner network, or nowhere.',
} as const;
export type EgressRule = keyof typeof egressRules;

/** What the policy says, and why; stored with each attempt. */
export interface EgressDecision {
  readonly allowed: boolean;
  readonly rule: EgressRule;
  /** Sentences for a person: what decided, and what an administrator may open. */
  readonly explanation: string;
  /** The address that it is about; null while only the URL was looked at. */
  readonly address: string | null;
  /** The expression, range or name that decided. */
  readonly matched: string | null;
}

interface Expression {
  readonly text: string;
  readonly compiled: RE2JS;
}

export interface EgressPolicy {
  readonly expressions: readonly Expression[];
  /** Null: everything that is not public. */
  readonly forbidden: readonly { readonly text: string; readonly range: Range }[] | null;
  /** This server's own origin, where calls of its API are switched on. */
  readonly ownOrigin: string | null;
}

export interface PolicySettings {
  readonly allowedUrlRegexes: readonly string[];
  /** `;`-separated; empty: everything that is not public. */
  readonly forbiddenIps: string;
  readonly selfOrigin?: string | null;
}

/** Makes the policy. Throws for what `findPolicyFaults` names. */
export function compilePolicy({ allowedUrlRegexes, forbiddenIps, selfOrigin }: PolicySettings): EgressPolicy {
  const listed = splitIps(forbiddenIps);
  return {
    expressions: allowedUrlRegexes.map((text) => ({ text, compiled: RE2JS.compile(text) })),
    forbidden: listed.length === 0 ? null : listed.map((text) => ({ text, range: readRange(text)! })),
    ownOrigin: selfOrigin ?? null,
  };
}

function splitIps(text: string): string[] {
  return text.split(/[;\s]+/u).filter((part) => part !== '');
}

/** What is wrong with the list of forbidden addresses; null where nothing is. */
export function findForbiddenFault(forbiddenIps: string): string | null {
  const wrong = splitIps(forbiddenIps).find((text) => readRange(text) === null);
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} is no IPv4 or IPv6 address or range (as 10.0.0.0/8).`;
}

/** What is wrong with the list of allowed expressions; null where nothing is. */
export function findExpressionFault(expressions: readonly string[]): string | null {
  for (const text of expressions) {
    try {
      RE2JS.compile(text);
    } catch (error) {
      return `${JSON.stringify(text)} is no expression that can be matched in linear time: ${error instanceof Error ? error.message : ''}`;
    }
  }
  return null;
}

/** Expressions that do not close the host with `/`, `:` or `$` also match hosts that only begin so. */
export function findOpenExpressions(expressions: readonly string[]): string[] {
  return expressions.filter((text) => !/^\^?https?\??:\\?\/\\?\/[^/]*?(?:\\?\/|:|\$)/u.test(text));
}

/** The decision about a URL as written: names are not resolved. At save, and as the first look at every attempt. */
export function judgeUrl(policy: EgressPolicy, text: string): EgressDecision {
  const url = URL.parse(text);
  if (url === null) return refuse('not_a_url', null, null);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('scheme', null, url.protocol);
  if (url.username !== '' || url.password !== '') return refuse('credentials', null, null);
  const address = readAddress(url.hostname);
  if (address !== null) return judgeAddress(policy, url.href, address.toString());
  return judgeName(policy, url);
}

const metadataNames =
  /(?:^|\.)(?:metadata\.google\.internal|metadata\.goog|metadata|instance-data|instance-data\.ec2\.internal)$/u;
const innerNames =
  /(?:^|\.)(?:localhost|localhost\.localdomain|local|internal|intranet|lan|home\.arpa|localdomain)$/u;

function judgeName(policy: EgressPolicy, url: URL): EgressDecision {
  const name = url.hostname.replace(/\.+$/u, '').toLowerCase();
  if (metadataNames.test(name)) return refuse('metadata', null, name);
  const opened = findOpening(policy, url.href);
  if (opened !== null) return opened;
  if (innerNames.test(name)) return refuse('forbidden_name', null, name);
  return {
    allowed: true,
    rule: 'public',
    explanation: 'The name is looked up when it is called, and its address judged then.',
    address: null,
    matched: null,
  };
}

/** The decision about the very address that is dialled, or that a kept connection leads to. */
export function judgeAddress(policy: EgressPolicy, href: string, text: string): EgressDecision {
  const address = readAddress(text);
  if (address === null) return refuse('not_public', text, null);
  if (isMetadata(address)) return refuse('metadata', text, text);
  const opened = findOpening(policy, href);
  if (opened !== null) return { ...opened, address: text };
  return judgeForbidden(policy, address, text);
}

function judgeForbidden({ forbidden }: EgressPolicy, address: Address, text: string): EgressDecision {
  if (forbidden === null && !isPublic(address)) return refuse('not_public', text, address.range());
  const found = forbidden?.find(({ range }) => isWithin(address, range));
  if (found !== undefined) return refuse('forbidden_address', text, found.text);
  return { allowed: true, rule: 'public', explanation: egressRules.public, address: text, matched: null };
}

/** Expressions are matched from the first character of the normalised URL. */
function findOpening({ expressions, ownOrigin }: EgressPolicy, href: string): EgressDecision | null {
  if (ownOrigin !== null && URL.parse(href)?.origin === ownOrigin) {
    return {
      allowed: true,
      rule: 'self_call',
      explanation: egressRules.self_call,
      address: null,
      matched: ownOrigin,
    };
  }
  const found = expressions.find(({ compiled }) => compiled.matcher(href).lookingAt());
  if (found === undefined) return null;
  return {
    allowed: true,
    rule: 'allowed_url',
    explanation: egressRules.allowed_url,
    address: null,
    matched: found.text,
  };
}

const canOpen = new Set<EgressRule>(['forbidden_name', 'forbidden_address', 'not_public']);

function refuse(rule: EgressRule, address: string | null, matched: string | null): EgressDecision {
  const about = address ?? matched;
  const way = canOpen.has(rule)
    ? ' An administrator can open it with an allowed URL expression (webapp.webhookSettings.allowedUrlRegexes).'
    : '';
  const explanation = `${egressRules[rule]}${about === null ? '' : ` (${about})`}${way}`;
  return { allowed: false, rule, explanation, address, matched };
}
