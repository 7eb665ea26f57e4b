// An attack: what somebody of little right tries, and how one sees whether the wall held.
import type { World } from './world.ts';

export interface Attack {
  readonly name: string;
  /** Who tries it: the least right that is needed. */
  readonly who: 'nobody' | 'viewer' | 'author' | 'editor' | 'administrator';
  /** Where the wall is known to be missing, the sentence of SECURITY.md that says so: it is told, and fails nothing. */
  readonly knownLimit?: string;
  /** Gives null where the wall held, else a sentence that says what got through. */
  run(world: World): Promise<string | null>;
}

/** The first sentence of a list of checks; null where all of them held. */
function firstOf(...found: readonly (string | null)[]): string | null {
  return found.find((sentence) => sentence !== null) ?? null;
}
