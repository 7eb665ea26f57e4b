// One stream of server-sent events from its request to its end, block by block.
import { eventStreamEndpoints } from '@flowhook/contract/workspace/event-stream';
import type { InputOf } from './call-input.ts';
import { createBlockReader, type EventBlock } from './event-line.ts';
import type { Limit } from './limit.ts';
import { unknownAnswer, unreachable } from './problem.ts';
import { send, type Server } from './sender.ts';

export type FollowInput = InputOf<typeof eventStreamEndpoints.open>;

export interface Opening {
  readonly server: Server;
  readonly input: FollowInput;
  /** The id of the event that was seen last. */
  readonly after: string | undefined;
  /** How long it may be silent. */
  readonly limit: Limit;
}

/** Resolves when the stream stands. Throws a Problem, or the reason for which the limit's signal was aborted; so does the reading. */
export async function openBlocks(opening: Opening): Promise<AsyncGenerator<EventBlock, void, undefined>> {
  const { server, input, after, limit } = opening;
  const headers = { ...input.headers, ...(after !== undefined && { 'last-event-id': after }) };
  const sending = { endpoint: eventStreamEndpoints.open, input: { ...input, headers }, limit };
  const body = await send(server, sending, takeBody);
  limit.restart();
  return readBlocks(body.getReader(), limit);
}

async function takeBody({ status, headers, body }: Response): Promise<ReadableStream<Uint8Array>> {
  const isStream = /^text\/event-stream\b/u.test(headers.get('content-type') ?? '');
  if (body === null || !isStream) throw unknownAnswer(status);
  return body;
}

async function* readBlocks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: Limit,
): AsyncGenerator<EventBlock, void, undefined> {
  const decoder = new TextDecoder();
  const read = createBlockReader();
  for (;;) {
    const { value, done } = await readChunk(reader, limit);
    if (done) return;
    limit.restart();
    yield* read(decoder.decode(value, { stream: true }));
  }
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>, { signal }: Limit) {
  try {
    return await reader.read();
  } catch (error) {
    throw signal.aborted ? signal.reason : unreachable(error);
  }
}
