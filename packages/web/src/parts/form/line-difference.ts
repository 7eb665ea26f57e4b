// Pure: two texts line by line, as few lines as may be on one side alone.

export interface DifferenceLine {
  /** `both`, or the side that has it. */
  readonly of: 'both' | 'first' | 'second';
  readonly text: string;
}

/** Beyond so many pairs of lines that differ, all of them are told as changed. */
const maxPairs = 4_000_000;

export function compareLines(first: string, second: string): DifferenceLine[] {
  const [a, b] = [first.split('\n'), second.split('\n')];
  const start = countSame(a, b);
  const end = Math.min(countSame(a.toReversed(), b.toReversed()), Math.min(a.length, b.length) - start);
  const told = (of: DifferenceLine['of'], lines: readonly string[]) => lines.map((text) => ({ of, text }));
  const middle = compareMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...told('both', a.slice(0, start)), ...middle, ...told('both', a.slice(a.length - end))];
}

function countSame(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((line, at) => line !== b[at]);
  return differs === -1 ? Math.min(a.length, b.length) : differs;
}

/** By the longest list of lines that both have in one order. */
function compareMiddle(a: readonly string[], b: readonly string[]): DifferenceLine[] {
  const lengths = a.length * b.length > maxPairs ? null : measure(a, b);
  const lines: DifferenceLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (lengths !== null && i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ of: 'both', text: a[i]! });
      [i, j] = [i + 1, j + 1];
    } else if (
      i < a.length &&
      (j === b.length || lengths === null || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)
    ) {
      lines.push({ of: 'first', text: a[i]! });
      i += 1;
    } else {
      lines.push({ of: 'second', text: b[j]! });
      j += 1;
    }
  }
  return lines;
}

/** At `[i][j]` how many lines the rests behind `i` and `j` have in common. */
function measure(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i]![j] =
        a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}
