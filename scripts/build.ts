// Compiles the packages to their dist/ folders, for publishing.
//
//   npm run build
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWeb } from './web-build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** In this order: each is compiled against what those before it publish. */
const packages = ['signature', 'contract', 'client', 'server'];

for (const name of packages) {
  const folder = join(root, 'packages', name);
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  run('tsc', ['-p', join(folder, 'tsconfig.build.json')]);
  copyAssets(folder);
  checkReferences(folder);
  console.log(`Built packages/${name}/dist.`);
}
addToServer();

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`, { cause: error });
}

/** What the code reads from beside itself. */
function copyAssets(folder: string): void {
  const assets = globSync('src/**/*.*', { cwd: folder }).filter((path) => !/\.tsx?$/u.test(path));
  for (const path of assets) cpSync(join(folder, path), join(folder, 'dist', path.replace(/^src./u, '')));
}

/** The server serves the OpenAPI document and the web interface. */
function addToServer(): void {
  const dist = join(root, 'packages/server/dist');
  cpSync(join(root, 'docs/openapi.json'), join(dist, 'openapi.json'));
  buildWeb();
  cpSync(join(root, 'packages/web/dist'), join(dist, 'web'), { recursive: true });
}

/** tsc rewrites imports, not `new URL('./child.ts', import.meta.url)`: such a place takes its ending from its own address. */
function checkReferences(folder: string): void {
  for (const path of globSync('dist/**/*.js', { cwd: folder })) {
    const [found] =
      /new URL\(\s*['"`][^'"`]*\.tsx?['"`]/u.exec(readFileSync(join(folder, path), 'utf8')) ?? [];
    if (found === undefined) continue;
    throw new Error(
      `${join(folder, path)} has ${found}): a .ts file is not published. Take the ending of import.meta.url.`,
    );
  }
}
