// The text of a package's document, read as JSON or as JSON5.
import JSON5 from 'json5';
import { invalidField, Problem } from '../base/error.ts';
import { parseJson, refuseLostName, refuseNul } from '../base/json-text.ts';

/** Steps of the original are trees; the deepest seen had some thirty levels. */
const deepest = 200;
/** JSON5 is read by a slower parser, a character at a time: about 5 MB a second. */
const largestJson5 = 8 * 1024 * 1024;

/** What the document says. Plain JSON is read as such, also where its name ends in `.json5`. */
export function readPackageText(text: string, field: string): unknown {
  try {
    return parseJson(text, { deepest, what: 'package' });
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'malformed_json') throw error;
    return readJson5(text, field, error);
  }
}

function readJson5(text: string, field: string, fault: Problem): unknown {
  // Only what begins as JSON5 may is worth the slower parser; else the position that JSON found is the better answer.
  if (text.length > largestJson5) throw fault;
  refuseDepth5(text, field);
  let value: unknown;
  try {
    value = JSON5.parse(text);
  } catch (error) {
    throw new Problem(
      'malformed_json',
      `The package is neither JSON nor JSON5: ${(error as Error).message}.`,
      [{ field, detail: `holds a document that can't be read: ${fault.message}` }],
    );
  }
  refuseNul(value);
  refuseLostName(text, value);
  return value;
}

const closing: Readonly<Record<string, string>> = { '"': '"', "'": "'", '/*': '*/' };
/** Each of them ends a comment of JSON5. */
const lineEnd = /[\n\r\u2028\u2029]/gu;

/** Brackets outside of texts and comments are counted. */
function refuseDepth5(text: string, field: string): void {
  const tokens = /\/\/|\/\*|["'[{\]}]/gu;
  let depth = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [word] = token;
    if (word === '[' || word === '{') depth += 1;
    else if (word === ']' || word === '}') depth -= 1;
    else if (word === '//') tokens.lastIndex = findLineEnd(text, tokens.lastIndex);
    else tokens.lastIndex = findEnd(text, tokens.lastIndex, closing[word]!);
    if (depth > deepest) throw invalidField(field, `is nested deeper than ${deepest} levels.`);
  }
}

function findLineEnd(text: string, from: number): number {
  lineEnd.lastIndex = from;
  return lineEnd.test(text) ? lineEnd.lastIndex : text.length;
}

function findEnd(text: string, from: number, end: string): number {
  let index = text.indexOf(end, from);
  while (index !== -1 && end.length === 1 && isEscaped(text, index)) {
    index = text.indexOf(end, index + 1);
  }
  return index === -1 ? text.length : index + end.length;
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0;
  while (text[index - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
