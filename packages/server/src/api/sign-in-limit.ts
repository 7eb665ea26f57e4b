// Failed sign-ins are limited by address and by account at an address; a right credential is never locked out by others.
import { Problem } from '../base/error.ts';
import { normalizeEmail } from '../people/account.ts';
import type { Credentials } from '../people/sign-in.ts';

export interface SignInLimit {
  /** Runs `check` unless this address has failed too often of late; counts its failure. */
  guard<Result>(address: string, credentials: Credentials, check: () => Promise<Result>): Promise<Result>;
}

const windowMs = 60_000;
const most = { account: 10, address: 50 };
const mostKept = 20_000;

interface Count {
  failures: number;
  resetAt: number;
}

export function createSignInLimit(now: () => number): SignInLimit {
  const counts = new Map<string, Count>();

  function read(key: string): Count {
    const found = counts.get(key);
    if (found !== undefined && found.resetAt > now()) return found;
    return { failures: 0, resetAt: now() + windowMs };
  }

  function refuse(keys: readonly [key: string, limit: number][]): void {
    for (const [key, limit] of keys) {
      const { failures, resetAt } = read(key);
      if (failures >= limit) throw tooMany(limit, resetAt, now());
    }
  }

  function countFailure(keys: readonly [key: string, limit: number][]): void {
    if (counts.size > mostKept) counts.clear();
    for (const [key] of keys) {
      const count = read(key);
      counts.set(key, { ...count, failures: count.failures + 1 });
    }
  }

  return {
    async guard(address, credentials, check) {
      const keys = keysOf(address, credentials);
      refuse(keys);
      try {
        return await check();
      } catch (error) {
        if (error instanceof Problem && error.code === 'credentials_wrong' && credentials.kind !== 'session')
          countFailure(keys);
        throw error;
      }
    },
  };
}

function keysOf(address: string, credentials: Credentials): [key: string, limit: number][] {
  const ofAddress: [string, number] = [address, most.address];
  if (credentials.kind !== 'basic') return [ofAddress];
  return [ofAddress, [`${address}\n${normalizeEmail(credentials.email)}`, most.account]];
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
  return new Problem(
    'too_many_requests',
    `Too many failed sign-ins from your address: wait ${seconds} seconds.`,
    [],
    { headers },
  );
}
