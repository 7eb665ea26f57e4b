// Pure: what a misspelt reference may have been meant to be.
import { allReferences } from './reference.ts';

/** The known name nearest to a misspelt one, or null where none is near. */
export function suggestReference(name: string): string | null {
  if (name.length > 40) return null;
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const { name: known } of allReferences) {
    const distance = countEdits(wanted, known.toLowerCase());
    if (distance < least) [best, least] = [known, distance];
  }
  return best;
}

/** Letters to insert, remove or change to make one word of the other (Levenshtein's distance). */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
