// Pure: which URLs and addresses may be called. The same policy answers at save, at test and at connect.
import { openableRules } from '@flowhook/contract/open-expression';
import {
  findClosedRange,
  isMetadata,
  isThisMachine,
  isWithin,
  listEquals,
  loopbacks,
  readAddress,
  readRange,
  type Address,
  type Range,
} from './address.ts';
import { climbs } from './climbing-path.ts';
import { compileExpression, findExpressionFault, type Expression } from './expression.ts';

export { findExpressionFault } from './expression.ts';

/** Every rule that can decide, with what it means. */
export const egressRules = {
  public: 'The address is public.',
  later: 'The name is resolved when it is called, and its addresses are judged then.',
  named_away: 'An administrator has taken this address out of what is closed.',
  allowed_url: 'An allowed expression opens this URL.',
  self_call: 'Calls of this server’s own API are switched on.',
  own_server: 'This is the server itself, and calls of its own API are switched off.',
  not_listed: 'Only URLs that an allowed expression opens are called.',
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
  /** Closed on top of everything that is not public. */
  readonly forbidden: readonly Range[];
  /** Taken out of what is closed because it is not public. */
  readonly namedAway: readonly Range[];
  /** Whether nothing is called but what an expression opens. */
  readonly onlyListed: boolean;
  readonly own: OwnServer;
}

/** Where this server itself is reached. */
interface OwnServer {
  readonly isOpen: boolean;
  /** `http://127.0.0.1:3005` */
  readonly origins: ReadonlySet<string>;
  /** What URLs of its API begin with: `http://127.0.0.1:3005/base/v4/`. */
  readonly apis: readonly string[];
  /** Where the process listens, beside the loopback addresses. */
  readonly addresses: readonly Range[];
  readonly ports: ReadonlySet<string>;
}

export interface PolicySettings {
  readonly allowedUrlRegexes: readonly string[];
  /**
   * IPv4, IPv6 and CIDR, `;`-separated: closed beside everything that is not public. `!10.1.0.0/16` takes a range out of
   * what is not public. The word `not-public` says what holds anyway.
   */
  readonly forbiddenIps: string;
  /** Call nothing but what an allowed expression opens; off unless given. */
  readonly onlyAllowedUrls?: boolean;
  readonly own?: OwnPlace;
}

/** Where this server is reached, and whether webhooks may call it. */
export interface OwnPlace {
  /** As http://127.0.0.1:3005, base path included. */
  readonly urls: readonly string[];
  /** Addresses of this machine at which it listens, beside the loopback ones. */
  readonly addresses: readonly string[];
  readonly selfCalls: boolean;
}

/** Makes the policy. Throws with the sentence of `findForbiddenFault` or `findExpressionFault`. */
export function compilePolicy({
  allowedUrlRegexes,
  forbiddenIps,
  onlyAllowedUrls = false,
  own = { urls: [], addresses: [], selfCalls: false },
}: PolicySettings): EgressPolicy {
  const fault = findForbiddenFault(forbiddenIps) ?? findExpressionFault(allowedUrlRegexes);
  if (fault !== null) throw new TypeError(fault);
  const { away = [], listed = [] } = Object.groupBy(splitIps(forbiddenIps), (text) =>
    text.startsWith('!') ? 'away' : 'listed',
  );
  return {
    expressions: allowedUrlRegexes.map(compileExpression),
    forbidden: listed.flatMap((text) => readRange(text) ?? []),
    namedAway: away.flatMap((text) => readRange(text.slice(1)) ?? []),
    onlyListed: onlyAllowedUrls,
    own: compileOwn(own),
  };
}

function compileOwn({ urls, addresses, selfCalls }: OwnPlace): OwnServer {
  const own = urls.map((url) => new URL(url));
  return {
    isOpen: selfCalls,
    origins: new Set(own.map(({ origin }) => origin)),
    apis: own.map(({ href }) => `${href.replace(/\/+$/u, '')}/v4/`),
    addresses: addresses.flatMap((text) => readRange(text) ?? []),
    ports: new Set(own.filter(isAddressOfMachine(addresses)).map(portOf)),
  };
}

/** The port of a proxy before the server says nothing about the machine: only where it listens itself counts. */
function isAddressOfMachine(addresses: readonly string[]): (url: URL) => boolean {
  return ({ hostname }) => {
    const plain = hostname.replace(/^\[(.*)\]$/u, '$1');
    const address = readAddress(plain);
    return (
      machineNames.test(plain) || (address !== null && isThisMachine(address)) || addresses.includes(plain)
    );
  };
}

function portOf({ protocol, port }: URL): string {
  return port === '' ? ({ 'http:': '80', 'https:': '443' }[protocol] ?? '') : port;
}

const notPublic = 'not-public';

function splitIps(text: string): string[] {
  return text.split(/[;\s]+/u).filter((part) => part !== '');
}

/** What is wrong with the list of forbidden addresses; null where nothing is. */
export function findForbiddenFault(forbiddenIps: string): string | null {
  const wrong = splitIps(forbiddenIps).find(
    (text) => text !== notPublic && readRange(text.replace(/^!/u, '')) === null,
  );
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} is no IPv4 or IPv6 address or range; write 10.1.2.3, 10.0.0.0/8 or fd00::/8 to close it, !10.1.0.0/16 to take it out of what is closed.`;
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
  if (isOwnAddress(policy, href, address)) return refuse('own_server', shown, null);
  const opened = findOpening(policy, href, shown);
  if (opened !== null) return opened;
  return policy.onlyListed ? refuse('not_listed', shown, null) : judgeForbidden(policy, address, shown);
}

/** Whatever the host is called: this machine, at the port where this server listens. */
function isOwnAddress({ own }: EgressPolicy, href: string, address: Address): boolean {
  if (own.isOpen || own.ports.size === 0) return false;
  const equals = listEquals(address);
  const isHere = equals.some(
    (each) => isThisMachine(each) || own.addresses.some((mine) => isWithin(each, mine)),
  );
  return isHere && own.ports.has(portOf(new URL(href)));
}

function judgeForbidden(policy: EgressPolicy, address: Address, shown: string): EgressDecision {
  const closed = findClosedRange(address);
  const away = policy.namedAway.find((range) => closed !== null && isWithin(address, range));
  if (closed !== null && away === undefined) return refuse('not_public', shown, closed);
  const found = findForbidden(policy, address);
  if (found !== undefined) return refuse('forbidden_address', shown, found.text);
  return away === undefined ? allow('public', shown, null) : allow('named_away', shown, away.text);
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
  if (isOwnName(policy, url, name)) return refuse('own_server', null, name);
  const opened = findOpening(policy, url.href, null);
  if (opened !== null) return opened;
  if (policy.onlyListed) return refuse('not_listed', null, name);
  return isInnerName(policy, name) ? refuse('forbidden_name', null, name) : allow('later', null, null);
}

function isOwnName({ own }: EgressPolicy, url: URL, name: string): boolean {
  if (own.isOpen) return false;
  return own.origins.has(url.origin) || (machineNames.test(name) && own.ports.has(portOf(url)));
}

/** Names that can't be public. Where a part of the inner network is taken out, the address decides, when it is known. */
function isInnerName({ namedAway }: EgressPolicy, name: string): boolean {
  if (machineNames.test(name))
    return !namedAway.some((range) => loopbacks.some((each) => isWithin(each, range)));
  return innerNames.test(name) && namedAway.length === 0;
}

/** What opens a URL whose address may be closed. */
function findOpening(
  { expressions, own }: EgressPolicy,
  href: string,
  address: string | null,
): EgressDecision | null {
  const api = own.isOpen ? own.apis.find((start) => href.startsWith(start)) : undefined;
  if (api !== undefined) return allow('self_call', address, api);
  const found = climbs(href) ? undefined : expressions.find((expression) => expression.matches(href));
  return found === undefined ? null : allow('allowed_url', address, found.text);
}

function allow(rule: EgressRule, address: string | null, matched: string | null): EgressDecision {
  return { allowed: true, rule, explanation: egressRules[rule], address, matched };
}

const canOpen: ReadonlySet<EgressRule> = new Set(openableRules);
const wayOut =
  ' An administrator can open it with an allowed URL expression, in Settings, Egress (webapp.webhookSettings.allowedUrlRegexes).';

function refuse(rule: EgressRule, address: string | null, matched: string | null): EgressDecision {
  const about = [address, matched].filter((part) => part !== null).join(' in ');
  const explanation = `${egressRules[rule]}${about === '' ? '' : ` It is ${about}.`}${canOpen.has(rule) ? wayOut : ''}`;
  return { allowed: false, rule, explanation, address, matched };
}
