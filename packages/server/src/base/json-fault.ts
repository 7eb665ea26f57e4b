// Pure: whether a text is JSON, and where it is not. JSON.parse judges; it names a place for some faults only.

export interface JsonFault {
  /** What stands in the way, a sentence. */
  readonly message: string;
  /** 0-based, in UTF-16 units, as editors and JavaScript strings count. */
  readonly position: number;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a text that should be JSON; null where nothing is. */
export function findJsonFault(text: string): JsonFault | null {
  if (isJson(text)) return null;
  const { position, expected } = findPlace(text);
  const found = position >= text.length ? 'the text ends' : `there is ${JSON.stringify(text[position])}`;
  const message = `Expected ${expected}, but ${found}.`;
  return { message, position, ...locate(text, position) };
}

/** Line and column of a position, both from 1. */
export function locate(text: string, position: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end === -1 || end >= position) return { line, column: position - start + 1 };
    line += 1;
    start = end + 1;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What may come next, by what has been read. */
type Expected =
  | 'a value'
  | 'a value or ]'
  | 'a name in quotes'
  | 'a name in quotes or }'
  | ':'
  | 'the end'
  | Close;
type Close = ', or ]' | ', or }';

const spaces = new Set(['\t', '\n', '\r', ' ']);
const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/uy;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** Reads token by token until one does not fit. A stack instead of recursion: depth is the writer's choice. */
export function findPlace(text: string): { position: number; expected: string } {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'a value';
  let at = skipSpace(text, 0);
  const afterValue = (): Expected =>
    open.length === 0 ? 'the end' : open.at(-1) === '[' ? ', or ]' : ', or }';
  for (;;) {
    const char: string | undefined = text[at];
    const takesValue: boolean = expected === 'a value' || expected === 'a value or ]';
    const takesName: boolean = expected === 'a name in quotes' || expected === 'a name in quotes or }';
    if (char === undefined) return { position: text.length, expected };
    if (char === '"' && (takesValue || takesName)) {
      const end = readString(text, at + 1);
      if (text[end] !== '"') return { position: end, expected: 'the rest of the text and its closing quote' };
      expected = takesName ? ':' : afterValue();
      at = end + 1;
    } else if ((char === '[' || char === '{') && takesValue) {
      open.push(char);
      expected = char === '[' ? 'a value or ]' : 'a name in quotes or }';
      at += 1;
    } else if (closes(char, expected)) {
      open.pop();
      expected = afterValue();
      at += 1;
    } else if (char === ',' && (expected === ', or ]' || expected === ', or }')) {
      expected = expected === ', or ]' ? 'a value' : 'a name in quotes';
      at += 1;
    } else if (char === ':' && expected === ':') {
      expected = 'a value';
      at += 1;
    } else {
      const end = takesValue ? readEnd(scalar, text, at) : at;
      if (end === at) return { position: takesValue ? skipBegun(text, at) : at, expected };
      expected = afterValue();
      at = end;
    }
    at = skipSpace(text, at);
  }
}

function closes(char: string, expected: Expected): boolean {
  if (char === ']') return expected === ', or ]' || expected === 'a value or ]';
  return char === '}' && (expected === ', or }' || expected === 'a name in quotes or }');
}

/** A word that is begun is wrong where it stops being one: at the `o` of `nope`. */
function skipBegun(text: string, at: number): number {
  if (text[at] === '-') return at + 1;
  const word = ['true', 'false', 'null'].find((each) => each[0] === text[at]);
  if (word === undefined) return at;
  let end = at;
  while (text[end] === word[end - at]) end += 1;
  return end;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (spaces.has(text[at]!)) at += 1;
  return at;
}

/** Where a text in quotes stops being one: at its closing quote, if it has one. By hand: an expression keeps a way back for each character. */
function readString(text: string, from: number): number {
  let at = from;
  for (;;) {
    if (at >= text.length || text[at] === '"' || text[at]! < ' ') return at;
    const end = text[at] === '\\' ? readEnd(escape, text, at) : at + 1;
    if (end === at) return at;
    at = end;
  }
}

/** Where a match that begins at `at` ends; `at` itself where there is none. */
function readEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
