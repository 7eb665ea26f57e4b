// Sends a file to an endpoint that takes one, with progress: fetch has none for what is sent.
import type { Endpoint } from '@flowhook/contract/endpoint';
import { readProblem, unreachable } from '@flowhook/client/problem';
import type { AnswerOf, InputOf } from '@flowhook/client/call-input';
import { addressOf, callInSession } from './call.ts';

export interface Upload {
  readonly file: File;
  /** Text fields; they stand before the file. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Between 0 and 1. */
  onProgress?(share: number): void;
  readonly signal?: AbortSignal;
}

/** Throws a Problem. */
export async function upload<E extends Endpoint>(
  endpoint: E,
  params: InputOf<E> extends { params: infer P } ? P : undefined,
  given: Upload,
): Promise<AnswerOf<E>> {
  const address = addressOf(endpoint as Endpoint, (params === undefined ? {} : { params }) as never);
  const answer = await callInSession(() => send(endpoint.method, address, given), given.signal);
  return JSON.parse(answer) as AnswerOf<E>;
}

function send(
  method: string,
  address: string,
  { file, fields = {}, onProgress, signal }: Upload,
): Promise<string> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', file, file.name);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = new XMLHttpRequest();
  request.open(method, address);
  request.upload.addEventListener('progress', ({ loaded, total }) =>
    onProgress?.(total ? loaded / total : 0),
  );
  request.addEventListener('load', () => {
    const { status, responseText } = request;
    if (status < 300) resolve(responseText);
    else reject(readProblem(status, responseText));
  });
  request.addEventListener('error', () => reject(unreachable()));
  request.addEventListener('abort', () => reject(signal?.reason ?? unreachable()));
  signal?.addEventListener('abort', () => request.abort());
  request.send(form);
  return promise;
}
