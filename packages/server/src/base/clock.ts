// Time, randomness and ids come from outside of the rules: these are where they come from.
import { randomUUID } from 'node:crypto';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  uuid(): string;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  uuid: () => randomUUID(),
};
