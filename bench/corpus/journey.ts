// One file through the product: upload, a recipe that passes it on, an output in the format it came in, a job, and the result.
import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from '../rig/server-process.ts';
import type { SourceFile } from './fetch-source.ts';

interface Dataset {
  readonly id: number;
  readonly format: 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';
  readonly options: object;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly assumptions: readonly { readonly option: string; readonly text: string }[];
}

interface Job {
  readonly status: string;
  readonly warnings: readonly string[];
  readonly workloadError: { readonly message: string } | null;
}

/** What came of a file. */
export type Outcome = SourceFile &
  (
    | { readonly told: 'refused' | 'failed'; readonly why: string }
    | {
        readonly told: null;
        readonly dataset: Dataset;
        readonly warnings: readonly string[];
        readonly result: string;
      }
  );

const formats = { csv: 'csv', tsv: 'csv', json: 'json', ndjson: 'json', parquet: 'pqt' } as const;

/** `result` is where the job's file is put. */
export async function travel(server: Server, file: SourceFile, result: string): Promise<Outcome> {
  const { call } = server;
  const uploaded = await upload(server, file);
  if (typeof uploaded === 'string') return { ...file, told: 'refused', why: uploaded };
  const recipe = await makeRecipe(server, uploaded);
  const { id } = await call<{ id: number }>('POST', '/v4/jobGroups', { wrangledDataset: { id: recipe } });
  for (;;) {
    const status = await call<string>('GET', `/v4/jobGroups/${id}/status`);
    if (status === 'Complete' || status === 'Failed') break;
    await wait(50);
  }
  const job = await call<Job>('GET', `/v4/jobGroups/${id}`);
  if (job.status === 'Failed') return { ...file, told: 'failed', why: job.workloadError?.message ?? '' };
  const { files } = await call<{ files: { id: number }[] }>('GET', `/v4/jobGroups/${id}/outputs`);
  const answer = await fetch(`${server.url}/v4/jobGroups/${id}/outputs/${files[0]!.id}`, {
    headers: server.headers,
  });
  await writeFile(result, Buffer.from(await answer.arrayBuffer()));
  return { ...file, told: null, dataset: uploaded, warnings: job.warnings, result };
}

/** The dataset, or why it was refused. */
async function upload(server: Server, { path }: SourceFile): Promise<Dataset | string> {
  const form = new FormData();
  form.append('name', 'rows');
  form.append('file', await openAsBlob(path), basename(path));
  const { headers, url } = server;
  const answer = await fetch(`${url}/v4/importedDatasets/upload`, { method: 'POST', headers, body: form });
  const text = await answer.text();
  if (answer.status >= 500) throw new Error(`${path}: ${answer.status} ${text}`);
  return answer.ok ? (JSON.parse(text) as Dataset) : text;
}

async function makeRecipe({ call }: Server, dataset: Dataset): Promise<number> {
  const flow = await call<{ id: number }>('POST', '/v4/flows', { name: 'Corpus' });
  const recipe = { name: 'out', flow: { id: flow.id }, importedDataset: { id: dataset.id } };
  const { id } = await call<{ id: number }>('POST', '/v4/wrangledDatasets', recipe);
  const format = formats[dataset.format];
  const writeSettings = [{ path: `corpus/${flow.id}.${format}`, action: 'overwrite', format }];
  await call('POST', '/v4/outputObjects', { flowNodeId: id, profiler: false, writeSettings });
  return id;
}
