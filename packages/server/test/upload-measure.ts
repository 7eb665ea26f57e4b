// A large upload to a server in a process of its own, and how much memory that process takes meanwhile.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { importedDataset } from '@flowhook/contract/flow/imported-dataset';
import { request } from 'undici';
import { programArgs } from './node-flag.ts';
import { formHeaders, writeForm } from './upload-form.ts';

export interface UploadMeasure {
  /** Of the file. */
  readonly bytes: number;
  /** From the first byte sent to the answer, with the columns found. */
  readonly seconds: number;
  /** Resident memory of the server's process: before, and the most while it went on. */
  readonly before: number;
  readonly max: number;
  readonly columns: readonly string[];
}

const token = 'a token for tests';
const headers = { authorization: `Bearer ${token}` };

/** Starts a server with a data folder of its own, uploads so many bytes of CSV, and removes all of it. */
export async function measureUpload(bytes: number): Promise<UploadMeasure> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-upload-'));
  const child = startServer(dataDir);
  try {
    const url = await readAddress(child.stdout);
    // What is loaded with the first upload is not what an upload takes.
    await upload(url, 1_000_000);
    return await measure(url, bytes);
  } finally {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
    await rm(dataDir, { recursive: true, force: true });
  }
}

function startServer(dataDir: string) {
  const settings = {
    PORT: '0',
    FLOWHOOK_DATA_DIR: dataDir,
    FLOWHOOK_ADMIN_EMAIL: 'first@example.com',
    FLOWHOOK_ADMIN_PASSWORD: 'a password for tests',
    FLOWHOOK_ADMIN_TOKEN: token,
  };
  return spawn(process.execPath, programArgs(['serve'], settings), {
    env: settings,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function readAddress(output: Readable): Promise<string> {
  const found = Promise.withResolvers<string>();
  createInterface({ input: output })
    .on('line', (line) => {
      const address = /"address":"(http:[^"]+)"/u.exec(line)?.[1];
      if (address !== undefined) found.resolve(address);
    })
    .once('close', () => found.reject(new Error('the server ended before it listened')));
  return found.promise;
}

async function measure(url: string, bytes: number): Promise<UploadMeasure> {
  const before = await readMemory(url);
  let max = before;
  const ended = new AbortController();
  const watching = (async () => {
    while (!ended.signal.aborted) {
      max = Math.max(max, await readMemory(url));
      await wait(50, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  const began = performance.now();
  const dataset = await upload(url, bytes);
  const seconds = (performance.now() - began) / 1000;
  ended.abort();
  await watching;
  const columns = dataset.columns.map(({ name, type }) => `${name} ${type}`);
  return { bytes: dataset.size ?? 0, seconds, before, max, columns };
}

async function readMemory(url: string): Promise<number> {
  const { body } = await request(`${url}/metrics`, { headers });
  return Number(/^process_resident_memory_bytes (\S+)$/mu.exec(await body.text())![1]);
}

async function upload(url: string, bytes: number) {
  const answer = await request(`${url}/v4/importedDatasets/upload`, {
    method: 'POST',
    headers: { ...headers, ...formHeaders },
    body: Readable.from(writeLargeForm(bytes)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const text = await answer.body.text();
  assert.equal(answer.statusCode, 201, text);
  return importedDataset.parse(JSON.parse(text));
}

/** A form whose file has a header and then the same rows again and again, exactly `bytes` in all. */
function* writeLargeForm(bytes: number): Generator<Buffer> {
  const mark = 'THE ROWS';
  const form = writeForm({ fileName: 'large.csv', content: mark }, { name: 'large' });
  const at = form.indexOf(mark);
  const head = Buffer.from('id,name,amount,day\n');
  const rows = Buffer.from('4711,"A name, with a comma",123.45,2026-01-31\n'.repeat(1400));
  yield form.subarray(0, at);
  yield head;
  for (let left = bytes - head.length; left > 0; left -= rows.length)
    yield left >= rows.length ? rows : Buffer.alloc(left, '\n');
  yield form.subarray(at + mark.length);
}
