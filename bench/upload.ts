// Prints time and memory of a large upload by HTTP, beside a bare write and sync of as many bytes.
// Run: node --conditions=flowhook-source bench/upload.ts [--mib 2200]
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { measureUpload } from '../packages/server/test/upload-measure.ts';

const { values } = parseArgs({ options: { mib: { type: 'string', default: '2200' } } });
const mib = 1024 * 1024;
const bytes = Number(values.mib) * mib;

const floorSeconds = await writeBare(bytes);
const { seconds, before, max } = await measureUpload(bytes);
const rate = (of: number) => `${Math.round(bytes / mib / of)} MiB/s`;
console.log(`${values.mib} MiB of CSV`);
console.log(`bare write and sync: ${floorSeconds.toFixed(1)} s, ${rate(floorSeconds)}`);
console.log(
  `upload, until its columns are answered: ${seconds.toFixed(1)} s, ${rate(seconds)}, ${(floorSeconds / seconds).toFixed(2)} of the floor`,
);
console.log(
  `server memory: ${Math.round(before / mib)} MiB before, ${Math.round(max / mib)} MiB at most (+${Math.round((max - before) / mib)})`,
);

/** Seconds for a file of so many bytes, on the same disk. */
async function writeBare(size: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-bare-'));
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const began = performance.now();
  const chunks = function* () {
    for (let left = size; left > 0; left -= chunk.length)
      yield chunk.subarray(0, Math.min(left, chunk.length));
  };
  await pipeline(Readable.from(chunks()), createWriteStream(join(folder, 'file'), { flush: true }));
  const seconds = (performance.now() - began) / 1000;
  await rm(folder, { recursive: true });
  return seconds;
}
