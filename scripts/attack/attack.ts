// An attack: what somebody of little right tries, and how one sees whether the wall held.
import type { World } from './world.ts';

export interface Attack {
  readonly name: string;
  /** Who tries it: the least right that is needed. */
  readonly who: 'nobody' | 'viewer' | 'author' | 'editor' | 'administrator';
  /** Where the wall is known to be missing, the sentence of SECURITY.md that says so: it is told, and fails nothing. */
  readonly knownLimit?: string;
  /** Returns null where the wall held, else a sentence that says what got through. */
  run(world: World): Promise<string | null>;
}
