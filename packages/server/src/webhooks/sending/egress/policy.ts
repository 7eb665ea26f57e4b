// Pure: which URLs and addresses may be called. The same policy answers at save, at test and at connect.
import {
  findClosedRange,
  isMetadata,
  isWithin,
  listEquals,
  readAddress,
  readRange,
  type Address,
  type Range,
} from './address.ts';
import { compileExpression, findExpressionFault, type Expression } from './expression.ts';

export { findExpressionFault } from './expression.ts';

/** Every rule that can decide, with what it means. */
export const egressRules = {
  public: 'The address is public.',
  later: 'The name is resolved when it is called, and its addresses are judged then.',
  not_forbidden: 'The address is not on the list of forbidden addresses.',
  allowed_url: 'An allowed expression opens this URL.',
  self_call: 'Calls of this server’s own API are switched on.',
  not_a_url: 'This is not a whole URL, as https://example.com/path.',
  scheme: 'Only http and https are called.',
  credentials: 'A URL must not hold a user name or password: put them into an Authorization header.',
  metadata: 'This is a cloud’s metadata service, which gives out credentials; nothing can open it.',
  forbidden_name: 'This name leads to this machine or into an inner network.',
  forbidden_address: 'The address is on the list of forbidden addresses.',
  not_public: 'The address is not public: it leads to this machine, into an inner network, or nowhere.',
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

export interface EgressPolicy {
  readonly expressions: readonly Expression[];
  readonly forbidden: readonly Range[];
  /** Whether everything that is not public is closed as well. */
  readonly closesInner: boolean;
  /** What URLs of this server's own API begin with; empty where such calls are switched off. */
  readonly ownApi: readonly string[];
}

export interface PolicySettings {
  readonly allowedUrlRegexes: readonly string[];
  /**
   * IPv4, IPv6 and CIDR, `;`-separated. Empty: everything that is not public. A list stands in its place, unless it holds
   * the word `not-public`, which means all of that.
   */
  readonly forbiddenIps: string;
  /** Where this server is reached, as http://127.0.0.1:3005, base path included; null where self-calls are off. */
  readonly selfOrigin?: string | readonly string[] | null;
}

/** Makes the policy. Throws with the sentence of `findForbiddenFault` or `findExpressionFault`. */
export function compilePolicy({ allowedUrlRegexes, forbiddenIps, selfOrigin }: PolicySettings): EgressPolicy {
  const fault = findForbiddenFault(forbiddenIps) ?? findExpressionFault(allowedUrlRegexes);
  if (fault !== null) throw new TypeError(fault);
  const listed = splitIps(forbiddenIps);
  const own = typeof selfOrigin === 'string' ? [selfOrigin] : (selfOrigin ?? []);
  return {
    expressions: allowedUrlRegexes.map(compileExpression),
    forbidden: listed.flatMap((text) => readRange(text) ?? []),
    closesInner: listed.length === 0 || listed.includes(notPublic),
    ownApi: own.map((base) => `${new URL(base).href.replace(/\/+$/u, '')}/v4/`),
  };
}

const notPublic = 'not-public';

function splitIps(text: string): string[] {
  return text.split(/[;\s]+/u).filter((part) => part !== '');
}

/** What is wrong with the list of forbidden addresses; null where nothing is. */
export function findForbiddenFault(forbiddenIps: string): string | null {
  const wrong = splitIps(forbiddenIps).find((text) => text !== notPublic && readRange(text) === null);
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} is no IPv4 or IPv6 address or range; write 10.1.2.3, 10.0.0.0/8, fd00::/8 or the word ${notPublic}.`;
}

/** The decision about a URL as written: names are not resolved. At save, and as the first look at every attempt. */
export function judgeUrl(policy: EgressPolicy, text: string): EgressDecision {
  const url = URL.parse(text);
  if (url === null) return refuse('not_a_url', null, null);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('scheme', null, url.protocol);
  if (url.hostname === '') return refuse('not_a_url', null, null);
  if (url.username !== '' || url.password !== '') return refuse('credentials', null, null);
  const isLiteral = readAddress(url.hostname) !== null;
  return isLiteral ? judgeAddress(policy, url.href, url.hostname) : judgeName(policy, url);
}

/** The decision about the very address that is dialled, or that a kept connection leads to; `href` is the normalised URL. */
export function judgeAddress(policy: EgressPolicy, href: string, text: string): EgressDecision {
  const shown = text.replace(/^\[(.*)\]$/u, '$1');
  const address = readAddress(shown);
  if (address === null) return refuse('not_public', shown, null);
  if (isMetadata(address)) return refuse('metadata', shown, null);
  return findOpening(policy, href, shown) ?? judgeForbidden(policy, address, shown);
}

function judgeForbidden(policy: EgressPolicy, address: Address, shown: string): EgressDecision {
  const closed = policy.closesInner ? findClosedRange(address) : null;
  if (closed !== null) return refuse('not_public', shown, closed);
  const found = findForbidden(policy, address);
  if (found !== undefined) return refuse('forbidden_address', shown, found.text);
  return allow(policy.closesInner ? 'public' : 'not_forbidden', shown, null);
}

function findForbidden({ forbidden }: EgressPolicy, address: Address): Range | undefined {
  if (forbidden.length === 0) return undefined;
  const equals = listEquals(address);
  return forbidden.find((range) => equals.some((each) => isWithin(each, range)));
}

const metadataNames =
  /(?:^|\.)(?:metadata\.google\.internal|metadata\.goog|metadata\.azure\.internal|metadata\.tencentyun\.com|metadata\.platformequinix\.com|metadata\.packet\.net|instance-data\.ec2\.internal|instance-data|metadata)$/u;
const machineNames =
  /(?:^|\.)(?:localhost\d?|localhost\d?\.localdomain\d?|ip6-localhost|ip6-loopback|loopback)$/u;
const innerNames = /\.(?:local|internal|intranet|lan|home|corp|private|home\.arpa|localdomain)$/u;

function judgeName(policy: EgressPolicy, url: URL): EgressDecision {
  const name = url.hostname.replace(/\.+$/u, '');
  if (metadataNames.test(name)) return refuse('metadata', null, name);
  const opened = findOpening(policy, url.href, null);
  if (opened !== null) return opened;
  return judgeInnerName(policy, name) ?? allow('later', null, null);
}

/** Names that can't be public. Where a list took the place of what is not public, only this machine's own are known. */
function judgeInnerName(policy: EgressPolicy, name: string): EgressDecision | null {
  const isMachine = machineNames.test(name);
  if (policy.closesInner)
    return isMachine || innerNames.test(name) ? refuse('forbidden_name', null, name) : null;
  const found = isMachine ? findForbidden(policy, readAddress('127.0.0.1')!) : undefined;
  return found === undefined ? null : refuse('forbidden_name', null, name);
}

/** What opens a URL whose address may be closed. */
function findOpening(
  { expressions, ownApi }: EgressPolicy,
  href: string,
  address: string | null,
): EgressDecision | null {
  const own = ownApi.find((start) => href.startsWith(start));
  if (own !== undefined) return allow('self_call', address, own);
  const found = expressions.find((expression) => expression.matches(href));
  return found === undefined ? null : allow('allowed_url', address, found.text);
}

function allow(rule: EgressRule, address: string | null, matched: string | null): EgressDecision {
  return { allowed: true, rule, explanation: egressRules[rule], address, matched };
}

const canOpen: ReadonlySet<EgressRule> = new Set(['forbidden_name', 'forbidden_address', 'not_public']);
const wayOut =
  ' An administrator can open it with an allowed URL expression (webapp.webhookSettings.allowedUrlRegexes).';

function refuse(rule: EgressRule, address: string | null, matched: string | null): EgressDecision {
  const about = [address, matched].filter((part) => part !== null).join(' in ');
  const explanation = `${egressRules[rule]}${about === '' ? '' : ` It is ${about}.`}${canOpen.has(rule) ? wayOut : ''}`;
  return { allowed: false, rule, explanation, address, matched };
}
