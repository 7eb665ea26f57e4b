// The template language: text with `$name` references, read once into segments.
import type { Facts, JsonValue } from './fact.ts';
import { findReference, readExternalFact, readParameter } from './reference.ts';

/**
 * How a value is put into the text around it: `text` as it is; `string` inside a JSON string literal, so escaped;
 * `value` in a JSON body outside quotes, so as a whole JSON value.
 */
export type Place = 'text' | 'string' | 'value';

export interface ReferenceSlot {
  readonly kind: 'reference';
  /** As written after the `$`. */
  readonly name: string;
  readonly place: Place;
  readonly read: (facts: Facts) => JsonValue;
}

/** A named secret of the task; only the task's own text can make one. */
export interface SecretSlot {
  readonly kind: 'secret';
  readonly name: string;
  readonly place: Place;
}

export type Segment = string | ReferenceSlot | SecretSlot;

export interface Template {
  readonly segments: readonly Segment[];
  /** True where the text is JSON: the rule is `placeInJson`'s. */
  readonly isJson: boolean;
  /** Names after a `$` that nothing stands for; they stay in the text as they are. */
  readonly unknownNames: readonly string[];
  readonly secretNames: readonly string[];
  /** True where a reference has to be filled from facts. */
  readonly needsFacts: boolean;
}

// A name is the longest run of letters, digits and _ that does not begin with a digit: `$jobIdX` is the unknown
// name jobIdX, while `$jobId.`, `$jobId-1` and `$5` read as people mean them. ASCII, so that other scripts can follow.
const dollarWord = /\$(?:\$|[A-Za-z_][A-Za-z0-9_]*)/gu;
const plainKey = /\.([A-Za-z0-9_]+)/uy;
// Names of the run and the environment have a part before: `$parameter.run.date`.
const parameterKey = /\.((?:(?:run|env)\.)?[A-Za-z0-9_]+)/uy;
const keys: Readonly<Partial<Record<string, RegExp>>> = {
  secret: plainKey,
  facts: plainKey,
  parameter: parameterKey,
};

/** A key that `$facts.key` and `$secret.key` can name. */
export const keyPattern = /^[A-Za-z0-9_]+$/u;

/** Reads a text once; `$$` is `$`, and what is inserted later is never read again. Every text is a template. */
export function parseTemplate(text: string): Template {
  const segments: Segment[] = [];
  const unknownNames = new Set<string>();
  let end = 0;
  for (const match of text.matchAll(dollarWord)) {
    const name = match[0].slice(1);
    const key = readKey(
      Object.hasOwn(keys, name) ? keys[name] : undefined,
      text,
      match.index + match[0].length,
    );
    const slot = name === '$' ? '$' : findSlot(name, key);
    if (slot === null) unknownNames.add(name);
    addText(segments, text.slice(end, match.index));
    end = match.index + match[0].length + (key === '' ? 0 : key.length + 1);
    const taken = slot ?? match[0];
    if (typeof taken === 'string') addText(segments, taken);
    else segments.push(taken);
  }
  addText(segments, text.slice(end));
  return describe(segments, [...unknownNames]);
}

function readKey(pattern: RegExp | undefined, text: string, from: number): string {
  if (pattern === undefined) return '';
  pattern.lastIndex = from;
  return pattern.exec(text)?.[1] ?? '';
}

function findSlot(name: string, key: string): ReferenceSlot | SecretSlot | null {
  if (name === 'secret') return key === '' ? null : { kind: 'secret', name: key, place: 'text' };
  if (key !== '') {
    const readOne = name === 'parameter' ? readParameter : readExternalFact;
    const read = (facts: Facts) => readOne(facts, key);
    return { kind: 'reference', name: `${name}.${key}`, place: 'text', read };
  }
  const reference = findReference(name);
  return reference ? { kind: 'reference', name, place: 'text', read: reference.read } : null;
}

function addText(segments: Segment[], text: string): void {
  const last = segments.at(-1);
  if (typeof last === 'string') segments[segments.length - 1] = last + text;
  else if (text !== '') segments.push(text);
}

function describe(segments: readonly Segment[], unknownNames: readonly string[]): Template {
  const slots = segments.filter((segment) => typeof segment !== 'string');
  const placed = placeInJson(segments);
  return {
    segments: placed ?? segments,
    isJson: placed !== null,
    unknownNames,
    secretNames: [...new Set(slots.filter((slot) => slot.kind === 'secret').map((slot) => slot.name))],
    needsFacts: slots.some((slot) => slot.kind === 'reference'),
  };
}

/**
 * The places of the slots where the text is JSON, else null. It is JSON when it begins with `{`, `[` or `"` and
 * parses with every reference inside quotes replaced by a letter and every other one by `null` of its own:
 * then each value fits whatever it holds. Content-Type is not asked, so a later change of it can't break a body.
 */
function placeInJson(segments: readonly Segment[]): Segment[] | null {
  const placed: Segment[] = [];
  let probe = '';
  let quoted = false;
  for (const segment of segments) {
    if (typeof segment === 'string') {
      quoted = endsQuoted(segment, quoted);
      probe += segment;
    } else {
      // The letter x makes a half-written escape before the reference (`\`, `\u00`) fail to parse.
      probe += quoted ? 'x' : ' null ';
      placed.push({ ...segment, place: quoted ? 'string' : 'value' });
      continue;
    }
    placed.push(segment);
  }
  return isJsonBody(probe) ? placed : null;
}

function endsQuoted(text: string, quoted: boolean): boolean {
  let inside = quoted;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '"') inside = !inside;
    else if (inside && text[index] === '\\') index += 1;
  }
  return inside;
}

/**
 * True where a body without references is JSON that begins with `{`, `[` or `"`. `trusted` says that it comes of a
 * JSON template, so that its beginning is enough.
 */
export function isJsonBody(text: string, trusted = false): boolean {
  if (!/^[\t\n\r ]*[{["]/u.test(text)) return false;
  return trusted || isJsonText(text);
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The text of a template without what its references stand for. */
export function readOwnText({ segments }: Pick<Template, 'segments'>): string {
  return segments.filter((segment) => typeof segment === 'string').join('');
}

/** A value as text: null is nothing, an array or object its JSON. */
export function writeText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

/** A value as it goes into a body at its place. Text that a database or UTF-8 can't hold is marked by U+FFFD. */
export function writeAt(place: Place, value: JsonValue): string {
  if (place === 'value') return JSON.stringify(value);
  const text = writeText(value);
  return place === 'string'
    ? JSON.stringify(text).slice(1, -1)
    : text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** What references stand for in these facts, each written once: a message may name one of them a hundred thousand times. */
const written = new WeakMap<Facts, Map<string, string>>();

function writeOnce(facts: Facts, key: string, write: () => string): string {
  const texts = written.get(facts) ?? new Map<string, string>();
  written.set(facts, texts);
  const text = texts.get(key) ?? write();
  texts.set(key, text);
  return text;
}

/** What a reference in a body stands for, as it goes in at its place. */
export function writeReference(slot: ReferenceSlot, facts: Facts): string {
  return writeOnce(facts, `${slot.place} ${slot.name}`, () => writeAt(slot.place, slot.read(facts)));
}

/** Characters that one value may have in a header or a URL; the rest is cut off. */
const longestInlineValue = 4096;

export interface Writing {
  readonly facts: Facts | null;
  readonly secrets: ReadonlyMap<string, string>;
  /** The caller's own way of writing a value. */
  readonly write: (value: string) => string;
  /** Characters that the whole may have. */
  readonly max: number;
}

/** Renders a template for a header or a URL; null as soon as it grows beyond its bound. */
export function renderWith(template: Template, writing: Writing): string | null {
  let text = '';
  for (const segment of template.segments) {
    text += typeof segment === 'string' ? segment : writeSlot(segment, writing);
    if (text.length > writing.max) return null;
  }
  return text;
}

function writeSlot(slot: ReferenceSlot | SecretSlot, { facts, secrets, write }: Writing): string {
  if (slot.kind === 'secret') return write(secrets.get(slot.name) ?? `$secret.${slot.name}`);
  return facts === null ? '' : write(writeInline(slot, facts));
}

function writeInline(slot: ReferenceSlot, facts: Facts): string {
  return writeOnce(facts, `inline ${slot.name}`, () =>
    writeText(slot.read(facts)).slice(0, longestInlineValue),
  );
}
