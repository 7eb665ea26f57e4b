// Reads TypeScript files for the structure test: their imports, and their text without comments and strings.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** From the root, with slashes: packages/server/src/base/clock.ts */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings and regular expressions blanked; same length, same lines. */
  readonly bare: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  /** Gone when types are stripped. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** All sources of all packages below `root`, in order of their paths. */
export function readSources(root: string): SourceFile[] {
  return globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.includes('.gen.'))
    .sort()
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
}

export function readSource(path: string, text: string): SourceFile {
  const bare = blank(text);
  return { path, text, bare, imports: findImports(text, bare) };
}

export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function findImports(text: string, bare: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s)?(?:([^;'"]*?)\sfrom\s+)?(['"])/gmu;
  const dynamic = /\bimport\s*\(\s*()()(['"])/gu;
  return [statement, dynamic].flatMap((pattern) =>
    [...bare.matchAll(pattern)].map((match) => {
      const [whole, type, names = '', quote = ''] = match;
      const begin = match.index + whole.length;
      const specifier = text.slice(begin, text.indexOf(quote, begin));
      return { specifier, typeOnly: Boolean(type) || namesTypesOnly(names), line: lineOf(text, match.index) };
    }),
  );
}

/** `{ type A, type B }` */
function namesTypesOnly(names: string): boolean {
  const [, inner] = /^\{([^}]*)\}$/u.exec(names.trim()) ?? [];
  const parts = inner?.split(',').filter((part) => part.trim() !== '') ?? [];
  return parts.length > 0 && parts.every((part) => part.trim().startsWith('type '));
}

/** What a piece of text is, by how it begins; code between them is kept. Templates are handled apart. */
const piece =
  /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"|\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/uy;

function blank(text: string): string {
  let result = '';
  let index = 0;
  /** For each open `${`, how many braces are open inside of it. */
  const open: number[] = [];
  while (index < text.length) {
    const char = text[index] ?? '';
    const inTemplate = open.length > 0 && char === '}' && open.at(-1) === 0;
    if (char === '`' || inTemplate) {
      if (inTemplate) open.pop();
      const end = endOfTemplateText(text, index + 1);
      result += char + hide(text.slice(index + 1, end));
      index = end;
      const closing = text[index] === '`' ? '`' : '${';
      if (closing === '${') open.push(0);
      result += text.slice(index, index + closing.length);
      index += closing.length;
      continue;
    }
    const found = readPiece(text, index, result);
    if (found !== undefined) {
      const quoted = /['"]/u.test(char);
      result += quoted ? char + hide(found.slice(1, -1)) + char : hide(found);
      index += found.length;
      continue;
    }
    if (open.length > 0 && char === '{') open[open.length - 1]! += 1;
    if (open.length > 0 && char === '}') open[open.length - 1]! -= 1;
    result += char;
    index += 1;
  }
  return result;
}

function readPiece(text: string, index: number, before: string): string | undefined {
  piece.lastIndex = index;
  const [found] = piece.exec(text) ?? [];
  if (found === undefined || !found.startsWith('/') || /^\/[*/]/u.test(found)) return found;
  // A slash after a value divides; anywhere else it begins a regular expression.
  const divides = /[\w$)\]}'"`]\s*$/u.test(before) && !/\b(?:return|typeof|case|of|in)\s*$/u.test(before);
  return divides ? undefined : found;
}

/** The index of the closing backtick or of the next `${`. */
function endOfTemplateText(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '`' || text.startsWith('${', index)) return index;
  }
  return text.length;
}

function hide(text: string): string {
  return text.replace(/[^\n]/gu, (char) => ' '.repeat(char.length));
}
