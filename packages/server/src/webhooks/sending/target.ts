// Where a request goes: its URL read and judged as written, once for each policy.
import { judgeUrl, type EgressDecision, type EgressPolicy } from './egress/policy.ts';

export interface Target {
  /** The policy's word on the URL as written; where it refuses, the members below mean nothing. */
  readonly written: EgressDecision;
  readonly href: string;
  readonly origin: string;
  /** Path and query as they go out. */
  readonly path: string;
  /** Name or literal address, an IPv6 one without its brackets. */
  readonly hostname: string;
  readonly isLiteral: boolean;
  readonly port: number;
  readonly isSecure: boolean;
}

export interface TargetReader {
  read(policy: EgressPolicy, url: string): Target;
}

/** Enough for the tasks that are busy; URLs with references differ every time and are read again. */
const maxRemembered = 1000;

export function createTargetReader(): TargetReader {
  const remembered = new Map<string, Target>();
  let policyOfThem: EgressPolicy | undefined;
  return {
    read(policy, url) {
      if (policy !== policyOfThem || remembered.size >= maxRemembered) remembered.clear();
      policyOfThem = policy;
      let target = remembered.get(url);
      if (target === undefined) remembered.set(url, (target = readTarget(policy, url)));
      return target;
    },
  };
}

function readTarget(policy: EgressPolicy, text: string): Target {
  const written = judgeUrl(policy, text);
  const url = URL.parse(text);
  if (url === null) return { written, ...nowhere };
  const isSecure = url.protocol === 'https:';
  return {
    written,
    href: url.href,
    origin: url.origin,
    path: url.pathname + url.search,
    hostname: url.hostname.replace(/^\[|\]$/gu, ''),
    isLiteral: url.hostname.startsWith('[') || /^[\d.]+$/u.test(url.hostname),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    isSecure,
  };
}

const nowhere = { href: '', origin: '', path: '', hostname: '', isLiteral: false, port: 0, isSecure: false };
