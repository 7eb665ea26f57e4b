// Pure: two texts line by line: what goes and what comes, with a little of what stays around it.

export interface DiffLine {
  readonly sign: '-' | '+' | ' ' | '…';
  readonly text: string;
}

/** More lines than this are shown as one that goes and one that comes: the table would have their product as cells. */
const maxCells = 4_000_000;
const around = 2;

export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const start = countSame(old, now, (lines, index) => lines[index]);
  const rest = Math.min(old.length, now.length) - start;
  const end = Math.min(
    rest,
    countSame(old, now, (lines, index) => lines[lines.length - 1 - index]),
  );
  const middle = diffMiddle(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const keep = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign: ' ', text }));
  return shorten([...keep(old.slice(0, start)), ...middle, ...keep(old.slice(old.length - end))]);
}

function countSame(
  old: readonly string[],
  now: readonly string[],
  at: (lines: readonly string[], index: number) => string | undefined,
): number {
  const max = Math.min(old.length, now.length);
  let count = 0;
  while (count < max && at(old, count) === at(now, count)) count += 1;
  return count;
}

/** The longest common subsequence, walked from its start. */
function diffMiddle(old: readonly string[], now: readonly string[]): DiffLine[] {
  const gone = old.map((text): DiffLine => ({ sign: '-', text }));
  const come = now.map((text): DiffLine => ({ sign: '+', text }));
  if (old.length * now.length > maxCells) return [...gone, ...come];
  const width = now.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      table[i * width + j] =
        old[i] === now[j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      lines.push({ sign: ' ', text: old[i]! });
      i += 1;
      j += 1;
    } else if (table[(i + 1) * width + j]! >= table[i * width + j + 1]!) lines.push(gone[i++]!);
    else lines.push(come[j++]!);
  }
  return [...lines, ...gone.slice(i), ...come.slice(j)];
}

/** Of what stays only the lines next to a change are shown. */
function shorten(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== ' '),
  );
  return lines.flatMap((line, index): DiffLine[] => {
    if (near[index]) return [line];
    return index === 0 || near[index - 1] ? [{ sign: '…', text: '' }] : [];
  });
}
