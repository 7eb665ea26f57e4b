// Brings packages into a folder by npm and pip, runs nothing of them, and lists the files that are tables, each content once.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { alike, dataFile, maxBytes, ownFile, packages } from './source-list.ts';

const run = promisify(execFile);
const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps'];

/** Python in a folder of its own: readers that are independent of ours. */
export async function makePython(folder: string): Promise<string> {
  const home = join(folder, 'python');
  const python = join(home, 'bin', 'python');
  if (await isThere(join(home, 'done'))) return python;
  await run('python3', ['-m', 'venv', home]);
  const pip = (...args: string[]) =>
    run(python, ['-m', 'pip', ...args, '--quiet', '--disable-pip-version-check']);
  await pip('install', 'pyarrow', 'pandas', 'clevercsv');
  // Without it no setup.py of a source archive can run: pip unpacks it, and gives up.
  await pip('uninstall', '--yes', 'setuptools');
  await writeFile(join(home, 'done'), '');
  return python;
}

export async function fetchPackages(folder: string, python: string): Promise<void> {
  await fetchNpm(join(folder, 'npm'));
  for (const name of packages.wheel) await fetchWheel(join(folder, 'wheel', name), python, name);
  for (const name of packages.source) await fetchSource(join(folder, 'source', name), python, name);
}

async function fetchNpm(folder: string): Promise<void> {
  if (await isThere(folder)) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...flags, ...packages.npm], { cwd: folder });
}

async function fetchWheel(folder: string, python: string, name: string): Promise<void> {
  if (await isThere(folder)) return;
  await mkdir(folder, { recursive: true });
  await run(python, ['-m', 'pip', 'download', ...quiet, '--only-binary', ':all:', '--dest', folder, name]);
  for (const wheel of await readdir(folder))
    await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
}

/** pip keeps what it has unpacked, and ends with an error, as it may not build anything. */
async function fetchSource(folder: string, python: string, name: string): Promise<void> {
  if (await isThere(folder)) return;
  await mkdir(folder, { recursive: true });
  const keep = ['--no-binary', ':all:', '--no-clean', '--no-build-isolation'];
  const args = ['-m', 'pip', 'download', ...quiet, ...keep, '--dest', folder, name];
  await run(python, args, { env: { ...process.env, TMPDIR: folder } }).catch(() => undefined);
}

export interface SourceFile {
  readonly path: string;
  /** Its package and its path in it. */
  readonly name: string;
}

/** In the order of their names; what two packages carry is taken once. */
export async function listFiles(folder: string): Promise<SourceFile[]> {
  const seen = new Set<string>();
  const found: SourceFile[] = [];
  for (const kind of ['source', 'wheel', 'npm/node_modules']) {
    const root = join(folder, kind);
    const all = await readdir(root, { recursive: true, withFileTypes: true });
    const paths = all.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    for (const path of paths.toSorted()) {
      const name = toName(relative(root, path));
      if (!dataFile.test(name) || ownFile.test(name) || alike.test(name) || !belongs(kind, name)) continue;
      const { size } = await stat(path);
      if (size > maxBytes) continue;
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      if (!seen.has(hash)) found.push({ path, name });
      seen.add(hash);
    }
  }
  return found;
}

/** What the packages of npm need themselves is installed beside them. */
const belongs = (kind: string, name: string): boolean =>
  kind !== 'npm/node_modules' || packages.npm.includes(name.split('/')[0]!);

/** Without the folders that pip made. */
const toName = (path: string): string =>
  path
    .replace(/^([^/]+)\/pip-download-[^/]+\/[^/]+\//u, '$1/')
    .replace(/^([^/]+)\/\1_[0-9a-f]{32}\//u, '$1/');

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
