// Failed sign-ins are limited by address and by account at an address: others' failures elsewhere lock nobody out.
import ipaddr from 'ipaddr.js';
import { Problem } from '../base/error.ts';
import { normalizeEmail } from '../people/account.ts';
import type { Credentials } from '../people/sign-in.ts';

export interface SignInLimit {
  /** Runs `check` unless too much has failed here of late; counts its failure. Throws `too_many_requests`. */
  guard<Result>(address: string, credentials: Credentials, check: () => Promise<Result>): Promise<Result>;
}

const windowMs = 60_000;
/** Passwords are guessed; tokens have 256 random bits, so that their limit only keeps the database from a flood. */
const most = { account: 10, passwords: 50, tokens: 300 };
const mostKept = 20_000;

interface Bucket {
  readonly key: string;
  readonly limit: number;
}

interface Count {
  failures: number;
  readonly resetAt: number;
}

export function createSignInLimit(now: () => number): SignInLimit {
  const counts = new Map<string, Count>();

  function find(key: string): Count {
    const found = counts.get(key);
    if (found !== undefined && found.resetAt > now()) return found;
    const fresh = { failures: 0, resetAt: now() + windowMs };
    counts.delete(key);
    if (counts.size >= mostKept) counts.delete(counts.keys().next().value!);
    counts.set(key, fresh);
    return fresh;
  }

  /** Counted before the check, so that many at once can't slip through together. */
  function count({ key, limit }: Bucket): Count {
    const found = find(key);
    if (found.failures >= limit) throw tooMany(limit, found.resetAt, now());
    found.failures += 1;
    return found;
  }

  function countAll(buckets: readonly Bucket[]): Count[] {
    const counted: Count[] = [];
    try {
      for (const bucket of buckets) counted.push(count(bucket));
    } catch (error) {
      forgive(counted);
      throw error;
    }
    return counted;
  }

  return {
    async guard(address, credentials, check) {
      const counted = countAll(listBuckets(address, credentials));
      try {
        const result = await check();
        forgive(counted);
        return result;
      } catch (error) {
        if (!isWrong(error)) forgive(counted);
        throw error;
      }
    },
  };
}

function forgive(counted: readonly Count[]): void {
  for (const each of counted) each.failures -= 1;
}

function isWrong(error: unknown): boolean {
  return error instanceof Problem && error.code === 'credentials_wrong';
}

/** A session that has ended is no guess. */
function listBuckets(address: string, credentials: Credentials): Bucket[] {
  const place = toPlace(address);
  if (credentials.kind === 'session') return [];
  if (credentials.kind === 'token') return [{ key: `tokens ${place}`, limit: most.tokens }];
  const email = normalizeEmail(credentials.email).slice(0, 254);
  return [
    { key: `account ${place} ${email}`, limit: most.account },
    { key: `passwords ${place}`, limit: most.passwords },
  ];
}

/** Who has one address of IPv6 has a whole /64 of them. */
function toPlace(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}

function tooMany(limit: number, resetAt: number, now: number): Problem {
  const seconds = String(Math.max(1, Math.ceil((resetAt - now) / 1000)));
  const headers = {
    'retry-after': seconds,
    'x-retry-after': seconds,
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': '0',
    'x-rate-limit-reset': String(Math.ceil(resetAt / 1000)),
  };
  const detail = `Too many failed sign-ins from your address: wait ${seconds} seconds.`;
  return new Problem('too_many_requests', detail, [], { headers });
}
