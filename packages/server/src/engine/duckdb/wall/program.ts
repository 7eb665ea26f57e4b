// What a child runs, and the files that it needs for it: Node, our sources, and the packages that they import.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** The DuckDB child: as our sources are, or as they were compiled (package.json, `imports`). */
export function findProgram(): Program {
  const conditions = process.execArgv.filter((flag) => flag.startsWith('--conditions='));
  return { file: process.execPath, args: [...conditions, findChild()] };
}

const findChild = (): string => fileURLToPath(import.meta.resolve('#engine-child'));

/** Files and folders that hold the program and nothing else; their real paths where they are links. */
export function findProgramPaths(): string[] {
  const sources = fileURLToPath(new URL('../../../', import.meta.url));
  const engine = fileURLToPath(import.meta.resolve('@duckdb/node-api'));
  const contract = fileURLToPath(import.meta.resolve('@flowhook/contract/flow/name'));
  const paths = [
    process.execPath,
    sources.replace(/\/$/u, ''),
    dirname(findChild()),
    join(findPackage(sources), 'package.json'),
    findPackage(contract),
    findModules(engine),
  ];
  return [...new Set(paths.flatMap((path) => [path, realpathSync(path)]))];
}

/** The folder of the package that a file belongs to. */
function findPackage(path: string): string {
  const folder = dirname(path);
  return folder === path || existsSync(join(folder, 'package.json')) ? folder : findPackage(folder);
}

/** The outermost `node_modules` on the way: packages lie beside each other in it, whichever way they were installed. */
function findModules(path: string): string {
  const end = path.indexOf('/node_modules/');
  return end === -1 ? findPackage(path) : path.slice(0, end + '/node_modules'.length);
}
