// Failed sign-ins are limited by address and by account at an address: others' failures elsewhere lock nobody out.
import ipaddr from 'ipaddr.js';
import { Problem } from '../base/error.ts';
import { normalizeEmail } from '../people/account.ts';
import type { Credentials } from '../people/sign-in.ts';

/** What is tried: credentials, or the link of the set-up. */
export type Trial = Credentials | { readonly kind: 'setup' };

export interface SignInLimit {
  /**
   * Runs `check` unless too much has failed here of late; counts its failure. What is right is never refused for what
   * is only under way: it waits. Throws `too_many_requests`.
   */
  guard<Result>(address: string, trial: Trial, check: () => Promise<Result>): Promise<Result>;
}

const windowMs = 60_000;
/** Passwords are guessed; tokens have 256 random bits, so that their limit only keeps the database from a flood. */
const max = { account: 10, passwords: 50, tokens: 300, setup: 20 };
const maxKept = 20_000;

interface Bucket {
  readonly key: string;
  readonly limit: number;
}

interface Count {
  failures: number;
  /** What is being checked, and may fail. */
  underWay: number;
  readonly resetAt: number;
}

/** One credential that is being checked, by however many calls at once: it counts once. */
interface Turn {
  readonly admitted: Promise<readonly Count[]>;
  calls: number;
  failed: boolean;
}

export function createSignInLimit(now: () => number): SignInLimit {
  const counts = new Map<string, Count>();
  const turns = new Map<string, Turn>();
  let waiting: (() => void)[] = [];

  function find(key: string): Count {
    const found = counts.get(key);
    if (found !== undefined && found.resetAt > now()) return found;
    const fresh = { failures: 0, underWay: 0, resetAt: now() + windowMs };
    counts.delete(key);
    if (counts.size >= maxKept) counts.delete(counts.keys().next().value!);
    counts.set(key, fresh);
    return fresh;
  }

  /** Waits until nothing under way could use up what may still fail, so that many guesses at once can't slip through together. */
  async function admit(buckets: readonly Bucket[]): Promise<readonly Count[]> {
    for (;;) {
      const found = buckets.map(({ key, limit }) => ({ count: find(key), limit }));
      for (const { count, limit } of found)
        if (count.failures >= limit) throw tooMany(limit, count.resetAt, now());
      if (found.every(({ count, limit }) => count.failures + count.underWay < limit)) {
        for (const { count } of found) count.underWay += 1;
        return found.map(({ count }) => count);
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function end(key: string, turn: Turn, counted: readonly Count[]): void {
    turns.delete(key);
    for (const count of counted) {
      count.underWay -= 1;
      if (turn.failed) count.failures += 1;
    }
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  function join(key: string, buckets: readonly Bucket[]): Turn {
    const turn = turns.get(key) ?? { admitted: admit(buckets), calls: 0, failed: false };
    turns.set(key, turn);
    turn.calls += 1;
    return turn;
  }

  return {
    async guard(address, trial, check) {
      const key = JSON.stringify([toPlace(address), trial]);
      const turn = join(key, listBuckets(address, trial));
      let counted: readonly Count[] = [];
      try {
        counted = await turn.admitted;
        return await check();
      } catch (error) {
        if (isWrong(error, trial)) turn.failed = true;
        throw error;
      } finally {
        turn.calls -= 1;
        if (turn.calls === 0) end(key, turn, counted);
      }
    },
  };
}

function isWrong(error: unknown, { kind }: Trial): boolean {
  return error instanceof Problem && error.code === (kind === 'setup' ? 'forbidden' : 'credentials_wrong');
}

/** A session that has ended is no guess. */
function listBuckets(address: string, credentials: Trial): Bucket[] {
  const place = toPlace(address);
  if (credentials.kind === 'session') return [];
  if (credentials.kind === 'setup') return [{ key: `setup ${place}`, limit: max.setup }];
  if (credentials.kind === 'token') return [{ key: `tokens ${place}`, limit: max.tokens }];
  const email = normalizeEmail(credentials.email).slice(0, 254);
  return [
    { key: `account ${place} ${email}`, limit: max.account },
    { key: `passwords ${place}`, limit: max.passwords },
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
