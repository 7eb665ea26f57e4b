// The files that a pattern names now, each checked like a single file.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { InputFile } from '../../engine/dataset.ts';
import { fitsPattern, readFolders, readStars, type FileChoice, type PatternPart } from './path-pattern.ts';

/** A file in an allowed folder: its address, its real path. */
export interface FoundFile {
  readonly uri: string;
  readonly path: string;
  readonly bytes: number;
  /** What the stars of its pattern stand for. */
  readonly parts?: readonly string[];
}

/** As an engine reads it. */
export function toInput({ uri, path, parts = [] }: Omit<FoundFile, 'bytes'>): InputFile {
  const names = fileURLToPath(uri).split('/');
  const folders = readFolders(names.slice(0, -1));
  return {
    uri: path,
    name: names.at(-1)!,
    ...(Object.keys(folders).length > 0 && { folders }),
    ...(parts.length > 0 && { parts }),
  };
}

/** Files that one dataset reads at most. */
export const maxFiles = 1000;
/** Names that are looked at on the way. */
const maxNames = 100_000;

export interface PatternSearch {
  readonly folder: string;
  readonly parts: readonly PatternPart[];
  readonly files: FileChoice;
  /** The real path, or null where there is nothing; throws where it lies outside of the allowed folders. */
  findRealPath(path: string): Promise<string | null>;
}

/** By name; with `newest` the one that was written last, of two the later name. Returns one more than `maxFiles` at most. */
export async function findPatternFiles(search: PatternSearch): Promise<FoundFile[]> {
  let names = 0;
  let paths = [search.folder];
  for (const part of search.parts) {
    const next: string[] = [];
    for (const folder of paths) {
      if ('name' in part) {
        next.push(join(folder, part.name));
        continue;
      }
      const entries = await readdir(folder).catch(() => []);
      names += entries.length;
      if (names > maxNames) break;
      // What begins with a dot is being written, or is nobody's business.
      next.push(
        ...entries
          .filter((name) => !name.startsWith('.') && fitsPattern(name, part.texts))
          .map((name) => join(folder, name)),
      );
    }
    paths = next;
  }
  const found = choose(search.files, await readFiles(search, paths.sort()));
  const namesOf = ({ uri }: FoundFile) =>
    fileURLToPath(uri)
      .slice(search.folder.length + 1)
      .split('/');
  return found.map((file) => ({ ...file, parts: readStars(namesOf(file), search.parts) }));
}

type Dated = FoundFile & { readonly writtenAt: number };

async function readFiles(
  { findRealPath, files: choice }: PatternSearch,
  paths: readonly string[],
): Promise<Dated[]> {
  const files: Dated[] = [];
  for (const path of paths) {
    const real = await findRealPath(path);
    const info = real === null ? null : await stat(real).catch(() => null);
    if (real === null || info === null || !info.isFile()) continue;
    files.push({ uri: pathToFileURL(path).href, path: real, bytes: info.size, writtenAt: info.mtimeMs });
    if (choice === 'all' && files.length > maxFiles) break;
  }
  return files;
}

function choose(choice: FileChoice, files: readonly Dated[]): FoundFile[] {
  const strip = ({ uri, path, bytes }: Dated): FoundFile => ({ uri, path, bytes });
  if (choice === 'all' || files.length === 0) return files.map(strip);
  return [strip(files.reduce((newest, file) => (file.writtenAt >= newest.writtenAt ? file : newest)))];
}
