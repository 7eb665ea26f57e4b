// Real files through upload, job and read back, each compared value by value with an independent reader (Python's csv and
// json, pyarrow): equal, told (refused, failed, or with a warning or an assumption), or silently different. The files are
// those of packages that npm and pip bring into a temporary folder; with --cache they are kept, with what came of them, and taken again.
//
//   node --conditions=flowhook-source bench/corpus.ts [--cache FOLDER] [--only TEXT]
import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, parseArgs } from 'node:util';
import { fetchPackages, listFiles, makePython, type SourceFile } from './corpus/fetch-source.ts';
import { travel } from './corpus/journey.ts';
import { openHomes } from './rig/home.ts';
import { startServer, type Server } from './rig/server-process.ts';

/** As many as jobs run at once. */
const atOnce = 2;
const { values } = parseArgs({
  options: { cache: { type: 'string' }, only: { type: 'string', default: '' } },
});

const work = await mkdtemp(join(tmpdir(), 'flowhook-corpus-'));
const homes = await openHomes('sqlite');
const home = await homes.make('sqlite');
try {
  const cache = values.cache ?? join(work, 'packages');
  await mkdir(cache, { recursive: true });
  const results = join(cache, 'results');
  await mkdir(results, { recursive: true });
  const python = await makePython(cache);
  await fetchPackages(cache, python);
  const files = (await listFiles(cache)).filter(({ name }) => name.includes(values.only));
  const server = await startServer(home);
  try {
    await travelAll(server, files, results);
  } finally {
    await server.stop();
  }
  const compare = join(import.meta.dirname, 'corpus', 'compare.py');
  const { stdout } = await promisify(execFile)(python, [compare, join(results, 'outcomes.jsonl')], {
    maxBuffer: 2 ** 28,
  });
  console.log(stdout);
} finally {
  await home.remove();
  await homes.stop();
  await rm(work, { recursive: true, force: true });
}

async function travelAll(server: Server, files: readonly SourceFile[], results: string): Promise<void> {
  const list = join(results, 'outcomes.jsonl');
  await writeFile(list, '');
  const left = files.entries();
  const go = async (): Promise<void> => {
    for (const [at, file] of left) {
      const outcome = await travel(server, file, join(results, `${at}`));
      await appendFile(list, `${JSON.stringify(outcome)}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, go));
}
