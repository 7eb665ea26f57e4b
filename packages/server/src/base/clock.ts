// Time, randomness and ids come from outside of the rules: these are where they come from.
import { randomUUID } from 'node:crypto';
import { createSteadyTime } from './steady-time.ts';

export interface Clock {
  /** Epoch milliseconds: the database's on PostgreSQL, else the machine's without its jumps. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  uuid(): string;
}

const steady = createSteadyTime({ system: () => Date.now(), monotonic: () => performance.now() });

export const systemClock: Clock = {
  now: steady.now,
  random: () => Math.random(),
  uuid: () => randomUUID(),
};

/** The time of a database that several machines share: from now on this process goes by it. */
export const followTime = steady.follow;

/** Beyond this a machine's clock is wrong, or has just been set. */
const maxOffMs = 5000;

/** How far this machine's own clock is from the time that decides, in milliseconds. */
export const readClockOffset = steady.offMs;

/** While it is, nothing is removed for its age. */
export function isClockOff(): boolean {
  return Math.abs(steady.offMs()) > maxOffMs;
}

/** For readiness. */
export function checkClock(): string {
  const offMs = steady.offMs();
  const words = `${Math.abs(offMs / 1000).toFixed(1)} s ${offMs < 0 ? 'behind' : 'ahead of'} the time that is kept`;
  if (isClockOff()) throw new Error(`this machine’s clock is ${words}: nothing is removed for its age`);
  return words;
}
