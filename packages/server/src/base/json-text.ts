// JSON read from a text: with the position of what is wrong, and with bounds.
import { findLostName, lostNameDetail } from '@flowhook/contract/lost-name';
import { writePath } from '@flowhook/contract/problem';
import { invalidField, Problem } from './error.ts';
import { findPlace, locate } from './json-fault.ts';

/** Deeper than anybody means it, shallow enough for every function that walks a value. */
const usualDepth = 64;

/** Throws `malformed_json` with the position, and `validation_failed` for what no column can hold. */
export function parseJson(text: string, { deepest = usualDepth, what = 'body' } = {}): unknown {
  refuseDepth(text, deepest, what);
  const value = parseOrExplain(text, what);
  if (text.includes(String.raw`\u0000`)) refuseNul(value);
  refuseLostName(text, value);
  return value;
}

/** What stands under it would vanish without a word. */
export function refuseLostName(text: string, value: unknown): void {
  const lost = findLostName(text, value);
  if (lost !== null) throw invalidField(writePath(lost, ''), lostNameDetail);
}

function parseOrExplain(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = findFault(text, String(error));
    const { line, column } = locate(text, position);
    throw new Problem(
      'malformed_json',
      `The ${what} is not valid JSON: look at line ${line}, column ${column}.`,
      [{ field: what, detail: `is not valid JSON from character ${position} on.` }],
      { position, line, column },
    );
  }
}

/** Where the text stops being the beginning of any JSON: one scan, where the engine names no position. */
function findFault(text: string, message: string): number {
  const stated = /at position (\d+)/u.exec(message)?.[1];
  return stated === undefined ? findPlace(text).position : Number(stated);
}

const quote = 0x22;
const backslash = 0x5c;
const openings = new Set([0x5b, 0x7b]);
const closings = new Set([0x5d, 0x7d]);

/** Throws where JSON is nested deeper. */
function refuseDepth(text: string, deepest: number, what: string): void {
  if (text.length <= deepest) return;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) quoted = !quoted;
    else if (quoted && code === backslash) index += 1;
    else if (!quoted && openings.has(code)) depth += 1;
    else if (!quoted && closings.has(code)) depth -= 1;
    if (depth > deepest)
      throw new Problem('validation_failed', `The ${what} is nested deeper than ${deepest} levels.`);
  }
}

/** No column can hold the character. */
export function refuseNul(value: unknown): void {
  if (hasNul(value))
    throw new Problem('validation_failed', 'Texts must not have the character NUL (\\u0000) in them.');
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, each]) => name.includes('\0') || hasNul(each));
}
