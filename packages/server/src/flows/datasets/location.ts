// Where datasets lie: uploads in the data folder, others only in folders that the administrator allows.
import { realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { invalidField, Problem } from '../../base/error.ts';
import type { Parameter } from '../../engine/engine.ts';
import { findFixedFolder, readPattern, type PathPattern } from './path-pattern.ts';
import { findPatternFiles, maxFiles, type FoundFile } from './pattern-file.ts';

export interface Locations {
  /** The folder of all uploads. */
  readonly uploadsDir: string;
  /** The folder that results are put in. */
  readonly outputsDir: string;
  /** Checks the address that a caller gives; answers it normalised, with the file's real path. */
  resolveGiven(uri: string): Promise<FoundFile>;
  /** Checks the folder of a pattern that a caller gives; answers its address normalised. */
  checkPattern(uri: string): string;
  /** The files that fit a stored pattern now; throws where it can't be filled or leads out of the allowed folders. */
  resolvePattern(uri: string, pattern: PathPattern, parameters: readonly Parameter[]): Promise<FoundFile[]>;
  /**
   * Whether the engine may read a file that it opened at one path when it asked for another: an upload or a job's result
   * only where it was asked for, anything else in an allowed folder.
   */
  mayRead(asked: string, opened: string): Promise<boolean>;
  /** The path of a stored address as it is now; throws where it has come to lie outside of the allowed folders. */
  resolveStored(uri: string): Promise<string>;
}

/** Folders of the data folder that hold what queries read: uploads and results. */
const ownNames = ['datasets', 'jobs'];
const uploadScheme = 'upload://';

/** The address of an upload: the folder's key and the file's name. */
export function writeUploadUri(key: string, fileName: string): string {
  return `${uploadScheme}${key}/${encodeURIComponent(fileName)}`;
}

/** Key and file name of an upload's address; null for any other address. */
export function readUploadUri(uri: string): { key: string; fileName: string } | null {
  if (!uri.startsWith(uploadScheme)) return null;
  const [key, name] = uri.slice(uploadScheme.length).split('/');
  return { key: key!, fileName: decodeURIComponent(name!) };
}

/** What people call the file at a stored address. */
export function nameStoredFile(uri: string): string {
  const reference = readWaitingUri(uri);
  if (reference !== null) return `${reference}, which this dataset waits for`;
  return decodeURIComponent(uri.split('/').at(-1)!);
}

const waitingScheme = 'waiting:';

/** The address of a dataset that came without its file; `reference` says where the file was. */
export function writeWaitingUri(reference: string): string {
  return `${waitingScheme}${encodeURIComponent(reference)}`;
}

/** What the dataset waits for; null for any other address. */
export function readWaitingUri(uri: string): string | null {
  return uri.startsWith(waitingScheme) ? decodeURIComponent(uri.slice(waitingScheme.length)) : null;
}

export function createLocations(options: { dataDir: string; dataRoots: readonly string[] }): Locations {
  const dataDir = resolve(options.dataDir);
  const uploadsDir = join(dataDir, 'datasets');
  const rootPaths = options.dataRoots.map((root) => resolve(root));

  /** Compared after every link is followed, so that none leads out; a file of the data folder never counts. */
  async function findRealPath(path: string): Promise<string | null> {
    const real = await realpath(path).catch(() => null);
    if (real === null) return null;
    if (isInside(real, await realpath(dataDir).catch(() => dataDir))) throw outside(rootPaths);
    const roots = await Promise.all(rootPaths.map((root) => realpath(root).catch(() => null)));
    if (!roots.some((root) => root !== null && isInside(real, root))) throw outside(rootPaths);
    return real;
  }

  /** Folders and files of ours, whose names nobody but us can change. */
  async function isOwn(asked: string, opened: string, realDataDir: string): Promise<boolean> {
    const own = ownNames.map((name) => join(dataDir, name)).find((folder) => isInside(asked, folder));
    return own !== undefined && opened === join(realDataDir, asked.slice(dataDir.length + 1));
  }

  return {
    uploadsDir,
    outputsDir: join(dataDir, 'outputs'),
    async mayRead(asked, opened) {
      const realDataDir = await realpath(dataDir).catch(() => dataDir);
      if (isInside(resolve(asked), dataDir)) return isOwn(resolve(asked), opened, realDataDir);
      if (isInside(opened, realDataDir)) return false;
      const roots = await Promise.all(rootPaths.map((root) => realpath(root).catch(() => null)));
      return roots.some((root) => root !== null && isInside(opened, root));
    },
    async resolveGiven(uri) {
      const path = readFilePath(uri);
      if (!rootPaths.some((root) => isInside(path, root)) || isInside(path, dataDir))
        throw outside(rootPaths);
      const real = await findRealPath(path);
      const info = real === null ? null : await stat(real).catch(() => null);
      if (real === null || info === null)
        throw unreadable('There is no such file, or the server may not read it: check the path.');
      if (info.isDirectory()) throw unreadable('This is a folder: name a file in it.');
      if (!info.isFile()) throw unreadable('This is no ordinary file.');
      return { uri: pathToFileURL(path).href, path: real, bytes: info.size };
    },
    checkPattern(uri) {
      const path = readFilePath(uri);
      const folder = findFixedFolder(path);
      if (!rootPaths.some((root) => isInside(folder, root)) || isInside(folder, dataDir))
        throw outside(rootPaths);
      return pathToFileURL(path).href;
    },
    async resolvePattern(uri, pattern, parameters) {
      const read = readPattern(fileURLToPath(uri), pattern, parameters);
      if (!read.ok) throw invalidField('uri', read.detail);
      const files = await findPatternFiles({ ...read, files: pattern.files, findRealPath });
      if (files.length > maxFiles)
        throw invalidField('uri', `fits more than ${maxFiles} files: narrow the pattern.`);
      return files;
    },
    async resolveStored(uri) {
      // Nothing lies there: a job that reads it fails, and says which file is missing.
      if (readWaitingUri(uri) !== null) return join(uploadsDir, 'none');
      const upload = readUploadUri(uri);
      if (upload !== null) return join(uploadsDir, upload.key, upload.fileName);
      const path = fileURLToPath(uri);
      return (await findRealPath(path)) ?? path;
    },
  };
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** `file://` and an absolute path; `..` is gone after parsing. */
function readFilePath(uri: string): string {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || url.protocol !== 'file:')
    throw invalidField('uri', 'must be file:// and an absolute path, as file:///data/orders.csv.');
  if (url.host !== '' || url.search !== '' || url.hash !== '')
    throw invalidField('uri', 'must have no host, query or fragment: write ? and # in names as %3F and %23.');
  try {
    const path = fileURLToPath(url);
    if (path.includes('\0')) throw new Error('a zero character');
    return path;
  } catch {
    throw invalidField('uri', 'holds an encoded character that no path can have.');
  }
}

function outside(roots: readonly string[]): Problem {
  const way =
    roots.length === 0
      ? 'No folder is allowed: an administrator sets FLOWHOOK_DATA_ROOTS; or upload the file.'
      : `It must lie in ${roots.join(' or ')}.`;
  return invalidField('uri', `is not in a folder that datasets may be read from. ${way}`);
}

function unreadable(detail: string): Problem {
  return new Problem('file_unreadable', detail, [{ field: 'uri', detail }]);
}
