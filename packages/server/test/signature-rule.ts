// The rule of the source tree that few functions take many positional arguments: an object names what they are.
import { lineOf, type SourceFile } from './source-scan.ts';

const many = 5;
/** How many such functions the tree may have: fewer is better, more is a change of this rule. */
const allowed = 10;

const brackets: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/** Nothing while the tree keeps to the budget, else one line for each function with many parameters. */
export function checkSignatures(files: readonly SourceFile[]): string[] {
  const found = files.flatMap(findLongSignatures);
  return found.length <= allowed
    ? []
    : found.map(
        (place) =>
          `${place} parameters, and ${found.length} functions have ${many} or more, ${allowed} at most: group what belongs together in an object`,
      );
}

function findLongSignatures({ path, bare }: SourceFile): string[] {
  return [...bare.matchAll(/\(/gu)].flatMap(({ index }) => {
    const list = readList(bare, index);
    if (list === undefined || list.parts.length < many || !isSignature(bare, index, list)) return [];
    const before = bare.slice(Math.max(0, index - 200), index);
    const [, declared, called] =
      /(?:\bfunction\s+([\w$]+)[^()]*|([\w$]+)\s*(?:[:=]\s*(?:async\s*)?)?)$/u.exec(before) ?? [];
    const name = declared ?? called ?? 'a function';
    return [`${path}:${lineOf(bare, index)}: ${name} has ${list.parts.length}`];
  });
}

interface List {
  readonly parts: readonly string[];
  /** The index behind the closing bracket. */
  readonly end: number;
}

/** What stands between this bracket and its other half, parted at its own commas. Undefined where it is never closed. */
function readList(bare: string, open: number): List | undefined {
  const closers = [')'];
  const parts: string[] = [];
  let begin = open + 1;
  for (let index = open + 1; index < bare.length; index += 1) {
    const char = bare[index]!;
    const isArrow = char === '>' && bare[index - 1] === '=';
    const comparing = char === '<' && !/[\w$]/u.test(bare[index - 1]!);
    if (char in brackets && !comparing) closers.push(brackets[char]!);
    else if (char === closers.at(-1) && !isArrow) closers.pop();
    if (closers.length > 1 || (closers.length === 1 && char !== ',')) continue;
    parts.push(bare.slice(begin, index).trim());
    begin = index + 1;
    if (closers.length === 0) return { parts: parts.filter((part) => part !== ''), end: index + 1 };
  }
  return undefined;
}

/** A call has no types at its arguments, and no arrow or body behind it. */
function isSignature(bare: string, open: number, { parts, end }: List): boolean {
  const after = bare.slice(end, end + 10).trimStart();
  if (after.startsWith('=>')) return true;
  if (!/^[:{;]/u.test(after)) return false;
  return (
    /\bfunction\b[^()]*$/u.test(bare.slice(0, open)) ||
    parts.every((part) => /^(?:\.\.\.)?(?:[\w$]+\??|[{[][^]*[}\]])\s*[:=]/u.test(part))
  );
}
