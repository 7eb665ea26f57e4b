// Sends a file to an endpoint that takes one, with progress: fetch has none for what is sent.
import type { Endpoint } from '@flowhook/contract/endpoint';
import { readProblem, unreachable } from './api-problem.ts';
import { addressOf, hasSessionEnded, type AnswerOf, type InputOf } from './call.ts';
import { awaitSignIn } from './session-store.ts';

export interface Upload {
  readonly file: File;
  /** Text fields; they stand before the file. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Between 0 and 1. */
  onProgress?(share: number): void;
  readonly signal?: AbortSignal;
}

/** Throws an ApiProblem. */
export async function upload<E extends Endpoint>(
  endpoint: E,
  params: InputOf<E> extends { params: infer P } ? P : undefined,
  given: Upload,
): Promise<AnswerOf<E>> {
  const address = addressOf(endpoint as Endpoint, (params === undefined ? {} : { params }) as never);
  let answer = await send(endpoint.method, address, given);
  if (answer.status === 401 && (await hasSessionEnded())) {
    await awaitSignIn(given.signal);
    answer = await send(endpoint.method, address, given);
  }
  if (answer.status >= 300) throw readProblem(answer.status, answer.text);
  return JSON.parse(answer.text) as AnswerOf<E>;
}

function send(
  method: string,
  address: string,
  { file, fields = {}, onProgress, signal }: Upload,
): Promise<{ status: number; text: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', file, file.name);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const request = new XMLHttpRequest();
  request.open(method, address);
  request.upload.addEventListener('progress', ({ loaded, total }) =>
    onProgress?.(total ? loaded / total : 0),
  );
  request.addEventListener('load', () => resolve({ status: request.status, text: request.responseText }));
  request.addEventListener('error', () => reject(unreachable()));
  request.addEventListener('abort', () => reject(signal?.reason ?? unreachable()));
  signal?.addEventListener('abort', () => request.abort());
  request.send(form);
  return promise;
}
