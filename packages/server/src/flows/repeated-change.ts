// A change that is prepared before its transaction: prepared again where somebody else has changed the thing meanwhile.
import { Problem } from '../base/error.ts';

/** What a change was prepared from is no longer so. Thrown in its transaction, which is undone. */
export class Outdated extends Error {
  constructor() {
    super('changed meanwhile');
  }
}

/** One of several writers always gets through; so many in a row are no accident. */
const usualTries = 8;

/** Throws `conflict` where it comes to nothing in so many tries. */
export async function repeatOutdated<Result>(
  change: () => Promise<Result>,
  maxTries = usualTries,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof Outdated)) throw error;
      if (tries === maxTries)
        throw new Problem('conflict', 'It is being changed by others at this moment: try again.');
    }
  }
}
