// Pure: path patterns of datasets: `*` in a part of a path, and parameters in braces; never more than the folder says.
import type { Parameter } from '../engine/engine.ts';
import { fillPath, findPlaceholder } from './placeholder.ts';
import { foldName } from './parameter.ts';

/** Which of the files that fit are read. */
export const fileChoices = ['all', 'newest'] as const;
export type FileChoice = (typeof fileChoices)[number];

export interface PathPattern {
  readonly files: FileChoice;
  /** For parameters that the flow does not have: by name. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** One part of the path after the fixed folder: a name, or what a name must fit. */
export type PatternPart = { readonly name: string } | { readonly fits: RegExp };

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

/** The pattern with its parameters filled in. `**` does not exist: a `*` stays in its folder. */
export function readPattern(
  path: string,
  pattern: PathPattern,
  parameters: readonly Parameter[],
): ReadPattern {
  const folder = findFixedFolder(path);
  const rest = path.slice(folder.length + 1);
  const filled = fillPath(rest, addDefaults(parameters, pattern.defaults));
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

function toPart(part: string): PatternPart {
  if (!part.includes('*')) return { name: part };
  const texts = part.split(/\*+/u).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`));
  return { fits: new RegExp(`^${texts.join('[^/]*')}$`, 'u') };
}
