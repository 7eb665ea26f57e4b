// A multipart form as clients send it: text fields, then the file.
import assert from 'node:assert/strict';
import { importedDataset } from '@flowhook/contract/flow/imported-dataset';
import type { Client } from './client.ts';

export interface FormFile {
  readonly fileName: string;
  readonly content: string | Uint8Array;
  /** The name of its part; `file` unless given. */
  readonly part?: string;
}

const boundary = 'a-boundary-of-tests';
export const formHeaders = { 'content-type': `multipart/form-data; boundary=${boundary}` };

/** The bytes of a form; `behind` are fields that come after the file. */
export function writeForm(
  file: FormFile | null,
  fields: Readonly<Record<string, string>> = {},
  behind: Readonly<Record<string, string>> = {},
): Buffer {
  const text = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) =>
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    );
  const parts = file === null ? [] : [writeFile(file)];
  return Buffer.concat([...text(fields), ...parts, ...text(behind), Buffer.from(`--${boundary}--\r\n`)]);
}

function writeFile({ fileName, content, part = 'file' }: FormFile): Buffer {
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="${part}"; filename="${fileName}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from('\r\n')]);
}

/** Uploads a file as a dataset. */
export async function uploadDataset(
  client: Client,
  file: FormFile,
  fields: Readonly<Record<string, string>> = {},
) {
  const body = writeForm(file, fields);
  const answer = await client.send('POST', '/v4/importedDatasets/upload', { headers: formHeaders, body });
  assert.equal(answer.status, 201, answer.text);
  return importedDataset.parse(answer.json);
}
