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
  const before = text.slice(0, position).split('\n');
  const found = position >= text.length ? 'the text ends' : `there is ${JSON.stringify(text[position])}`;
  const message = `Expected ${expected}, but ${found}.`;
  return { message, position, line: before.length, column: before.at(-1)!.length + 1 };
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

const space = /[\t\n\r ]*/uy;
const stringStart = /"(?:[ !#-[\]-\u{10FFFF}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/uy;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** Reads token by token until one does not fit. A stack instead of recursion: depth is the writer's choice. */
function findPlace(text: string): { position: number; expected: string } {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'a value';
  let at = readEnd(space, text, 0);
  const afterValue = (): Expected =>
    open.length === 0 ? 'the end' : open.at(-1) === '[' ? ', or ]' : ', or }';
  for (;;) {
    const char: string | undefined = text[at];
    const takesValue: boolean = expected === 'a value' || expected === 'a value or ]';
    const takesName: boolean = expected === 'a name in quotes' || expected === 'a name in quotes or }';
    if (char === undefined) return { position: text.length, expected };
    if (char === '"' && (takesValue || takesName)) {
      const end = readEnd(stringStart, text, at);
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
      if (end === at) return { position: at, expected };
      expected = afterValue();
      at = end;
    }
    at = readEnd(space, text, at);
  }
}

function closes(char: string, expected: Expected): boolean {
  if (char === ']') return expected === ', or ]' || expected === 'a value or ]';
  return char === '}' && (expected === ', or }' || expected === 'a name in quotes or }');
}

/** Where a match that begins at `at` ends; `at` itself where there is none. */
function readEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
