// Builds the web interface where it is missing or older than its sources; told by their content, not by times.
//
//   node --conditions=flowhook-source scripts/web-build.ts
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'packages/web');
const dist = join(folder, 'dist');
const stamp = join(dist, '.vite/source.sha256');
const sources = [
  'packages/web/{index.html,package.json,vite.config.ts}',
  'packages/web/{src,public}/**/*.*',
  'packages/{contract,client}/src/**/*.ts',
  'package-lock.json',
  'scripts/web-build.ts',
];

/** Throws where it can't be built. */
export function buildWeb(): void {
  const wanted = hashSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const began = performance.now();
  const fresh = join(folder, `dist-${process.pid}`);
  try {
    runVite(fresh);
    compressFiles(fresh);
    mkdirSync(join(fresh, '.vite'), { recursive: true });
    writeFileSync(join(fresh, '.vite/source.sha256'), wanted);
    putInPlace(fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.error(`Built the web interface in ${seconds} s.`);
}

function runVite(outDir: string): void {
  const require = createRequire(join(folder, 'package.json'));
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  const args = [vite, 'build', '--outDir', outDir, '--logLevel', 'warn'];
  // Its lines go to stderr: what a command prints for programs stays as it is.
  const { status, error } = spawnSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error('The web interface could not be built: see the lines of vite above.', { cause: error });
  }
}

/** Beside each file as brotli and gzip make it: the server sends what the browser takes. */
function compressFiles(folder: string): void {
  for (const name of globSync('**/*.{js,css,svg}', { cwd: folder })) {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.br`, brotliCompressSync(bytes));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

/** Whoever serves the old files still finds them until the new ones are there. */
function putInPlace(fresh: string): void {
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

function hashSources(): string {
  const hash = createHash('sha256');
  const paths = sources.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  for (const path of paths) {
    if (/\.test\.tsx?$/u.test(path)) continue;
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

if (import.meta.main) buildWeb();
