// Pure: JSON text as values, numbers with all their digits; NaN and Infinity, which JSON has not, are known, too.

/** A number by its digits, where JavaScript's own would lose some, or the point in `1.0`. */
export class LongNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** NaN, Infinity or -Infinity. */
export const noNumber = Symbol('NaN');

const ownDigits = /\d[\d.]{14,}|\d[eE]|\.\d*0(?!\d)/;
const words = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity|nan|inf)\b/g;
const mark = '\u0001NaN';

/** Throws a SyntaxError where it is no JSON. */
export function parseJson(text: string): unknown {
  if (ownDigits.test(text)) return JSON.parse(replaceWords(text), revive as never);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/\b(?:NaN|Infinity|nan|inf)\b/.test(text)) throw error;
    return JSON.parse(replaceWords(text), revive as never);
  }
}

const replaceWords = (text: string): string =>
  /\b(?:NaN|Infinity|nan|inf)\b/.test(text)
    ? text.replaceAll(words, (found) => (found.startsWith('"') ? found : JSON.stringify(mark)))
    : text;

function revive(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (value === mark) return noNumber;
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : new LongNumber(context.source);
}
