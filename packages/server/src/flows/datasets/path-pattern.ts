// Pure: path patterns of datasets: `*` in a part of a path, and parameters in braces; never more than the folder says.
import type { fileChoices } from '@flowhook/contract/flow/imported-dataset';
import { foldName } from '@flowhook/contract/flow/name';
import type { Parameter } from '../../engine/engine.ts';
import { fillPath, findPlaceholder } from '../placeholder.ts';

/** Which of the files that fit are read. */
export type FileChoice = (typeof fileChoices)[number];

export interface PathPattern {
  readonly files: FileChoice;
  /** For parameters that the flow does not have: by name. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** One part of the path after the fixed folder: a name, or the texts that a name must have in this order, with anything between them. */
export type PatternPart = { readonly name: string } | { readonly texts: readonly string[] };

export type ReadPattern =
  | { readonly ok: true; readonly folder: string; readonly parts: readonly PatternPart[] }
  | { readonly ok: false; readonly detail: string };

/** The folder above the first `*` or parameter: it must be allowed whatever the values are. */
export function findFixedFolder(path: string): string {
  // A form of a date may hold a separator: the first sign of a pattern is looked for in the whole path.
  const marks = [path.indexOf('*'), findPlaceholder(path)].filter((place) => place >= 0);
  const end = marks.length === 0 ? path.length : Math.min(...marks);
  return path.slice(0, path.lastIndexOf('/', end - 1));
}

/** A star of a value while the pattern's own stars are looked for: no path and no value has this character. */
const valueStar = '\0';

/** The pattern with its parameters filled in. `**` does not exist: a `*` stays in its folder; one in a value is a character. */
export function readPattern(
  path: string,
  pattern: PathPattern,
  parameters: readonly Parameter[],
): ReadPattern {
  const folder = findFixedFolder(path);
  const rest = path.slice(folder.length + 1);
  const filled = fillPath(rest, addDefaults(parameters, pattern.defaults), hideStars);
  if (!filled.ok) return filled;
  const [missing] = filled.unknown;
  if (missing !== undefined)
    return { ok: false, detail: `No parameter is named "${missing}": give the dataset a default for it.` };
  return { ok: true, folder, parts: filled.path.split('/').map(toPart) };
}

/** Parameters of the flow win; a value of a default is a text. */
function addDefaults(
  parameters: readonly Parameter[],
  defaults: Readonly<Record<string, string>>,
): Parameter[] {
  const known = new Set(parameters.map(({ name }) => foldName(name)));
  const more = Object.entries(defaults).filter(([name]) => !known.has(foldName(name)));
  return [...parameters, ...more.map(([name, value]) => ({ name, type: 'text', value }) as const)];
}

const hideStars = (value: string): string => value.replaceAll('*', valueStar);
const showStars = (text: string): string => text.replaceAll(valueStar, '*');

function toPart(part: string): PatternPart {
  const texts = part.split(/\*+/u).map(showStars);
  return texts.length === 1 ? { name: texts[0]! } : { texts };
}

/** What the stars of the parts stand for in a path that fits them, as `fitsPattern` takes it. */
export function readStars(names: readonly string[], parts: readonly PatternPart[]): string[] {
  return parts.flatMap((part, at) => ('texts' in part ? readStarsOf(names[at] ?? '', part.texts) : []));
}

function readStarsOf(name: string, texts: readonly string[]): string[] {
  const found: string[] = [];
  let at = texts[0]!.length;
  for (const text of texts.slice(1, -1)) {
    const next = name.indexOf(text, at);
    found.push(name.slice(at, next));
    at = next + text.length;
  }
  return [...found, name.slice(at, name.length - texts.at(-1)!.length)];
}

/** The values of folders that are named `key=value`, as Hive names them; of two the inner one. */
export function readFolders(folders: readonly string[]): Record<string, string> {
  const named = folders.filter((folder) => folder.indexOf('=') > 0);
  return Object.fromEntries(
    named.map((folder) => [
      folder.slice(0, folder.indexOf('=')),
      unescape(folder.slice(folder.indexOf('=') + 1)),
    ]),
  );
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Whether a name fits: it begins with the first text, ends with the last, and has the others between them in order.
 * Each is taken where it first stands, which is right as no text behind it can want less room: nothing is tried twice.
 */
export function fitsPattern(name: string, texts: readonly string[]): boolean {
  const first = texts[0]!;
  const last = texts.at(-1)!;
  const end = name.length - last.length;
  if (end < first.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const text of texts.slice(1, -1)) {
    const found = name.indexOf(text, at);
    if (found === -1 || found + text.length > end) return false;
    at = found + text.length;
  }
  return true;
}
