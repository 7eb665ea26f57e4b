// The multipart form of an upload: Blobs and Files by FormData, streams written as they come.
import { isStream, type FilePart, type NamedStream } from './call-input.ts';

export interface Form {
  readonly body: FormData | ReadableStream<Uint8Array>;
  /** Needed where the body is a stream: FormData is named by fetch itself. */
  readonly contentType: string | undefined;
}

type Field = readonly [name: string, value: string | FilePart];

export interface FormOptions {
  readonly boundary: string;
  /** Ends the reading of streams. */
  readonly signal: AbortSignal;
}

/** Text fields stand before the file: the server reads them before it takes the file. */
export function writeForm(body: object, { boundary, signal }: FormOptions): Form {
  const fields = listFields(body);
  if (!fields.some(([, value]) => isStream(value)))
    return { body: makeFormData(fields), contentType: undefined };
  const stream = toStream(writeParts(fields, boundary), signal);
  return { body: stream, contentType: `multipart/form-data; boundary=${boundary}` };
}

function isFile(value: unknown): value is FilePart {
  return value instanceof Blob || isStream(value);
}

function listFields(body: object): Field[] {
  const given = Object.entries(body).filter(([, value]) => value !== undefined && value !== null);
  const texts = given
    .filter(([, value]) => !isFile(value))
    .map(([name, value]): Field => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return [...texts, ...given.filter(([, value]) => isFile(value))];
}

function makeFormData(fields: readonly Field[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (value instanceof Blob) form.set(name, value, nameOf(value));
    else if (typeof value === 'string') form.set(name, value);
  }
  return form;
}

function nameOf(file: FilePart): string {
  return 'name' in file && typeof file.name === 'string' ? file.name : 'file';
}

async function* writeParts(fields: readonly Field[], boundary: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const [name, value] of fields) {
    yield encoder.encode(writeHead(name, value, boundary));
    if (typeof value === 'string') yield encoder.encode(value);
    else yield* readChunks(value instanceof Blob ? value.stream() : value.stream);
    yield encoder.encode('\r\n');
  }
  yield encoder.encode(`--${boundary}--\r\n`);
}

function writeHead(name: string, value: string | FilePart, boundary: string): string {
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escapeName(name)}"`;
  if (typeof value === 'string') return `${head}\r\n\r\n`;
  const type = value.type === undefined || value.type === '' ? 'application/octet-stream' : value.type;
  return `${head}; filename="${escapeName(nameOf(value))}"\r\ncontent-type: ${type}\r\n\r\n`;
}

/** As browsers write it. */
function escapeName(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

/** Not every browser can iterate over its streams. */
async function* readChunks(from: NamedStream['stream']): AsyncGenerator<Uint8Array> {
  if (!('getReader' in from)) return void (yield* from);
  const reader = from.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** It ends with the signal by itself: fetch, once aborted, may read a stream on to its end. */
function toStream(parts: AsyncGenerator<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const end = () => void parts.return(undefined);
  signal.addEventListener('abort', end, { once: true });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await parts.next();
      if (signal.aborted) controller.error(signal.reason);
      else if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: end,
  });
}
