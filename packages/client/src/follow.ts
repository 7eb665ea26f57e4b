// Follows what changes: one stream after another, each from where the one before broke off.
import type { z } from 'zod';
import type { changeEvent } from '@flowhook/contract/workspace/event-stream';
import type { Caller } from './caller.ts';
import { openBlocks, type FollowInput } from './event-block.ts';
import type { EventBlock } from './event-line.ts';
import { startLimit, wait, type Limit } from './limit.ts';
import { Problem } from './problem.ts';
import type { Server } from './sender.ts';

export type ChangeEvent = z.output<typeof changeEvent>;

/** `id` is where to go on from, for `after`. */
export type StreamEvent =
  | { readonly type: 'change'; readonly id: string; readonly change: ChangeEvent }
  /** Nobody knows what has changed before: what is shown must be read now. The first event, unless `after` is given. */
  | { readonly type: 'reset'; readonly id: string };

export type StreamEvents = AsyncGenerator<StreamEvent, void, undefined>;

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined;
  /** The id of the event that was seen last: goes on behind it. */
  readonly after?: string | undefined;
  /** A stream that says nothing for so long is dead, milliseconds; 45,000 unless given: the server speaks every 15 s. */
  readonly maxSilenceMs?: number | undefined;
  /** Where to go on from has moved; also where nothing that is told has changed. */
  onMove?(id: string): void;
  /** A stream stands: from now on changes come as they happen. */
  onOpen?(): void;
  /** The stream has ended, or can't be opened now; it will be opened again. Undefined where the server ended it in order. */
  onBreak?(problem: Problem | undefined): void;
}

const usualSilenceMs = 45_000;
const longestWaitMs = 10_000;

/** Where a following stands. */
interface Place {
  id: string | undefined;
  /** Between two streams, milliseconds; the server says how long. */
  waitMs: number;
  /** Since the last stream that stood. */
  failures: number;
}

/** Ends by its caller's `break`, by the signal, whose reason it throws, or by a Problem that waiting does not mend. */
export async function* follow(
  { server }: Pick<Caller, 'server'>,
  input: FollowInput = {},
  options: FollowOptions = {},
): StreamEvents {
  const place: Place = { id: options.after, waitMs: 2000, failures: 0 };
  for (;;) {
    const limit = startLimit(options.maxSilenceMs ?? usualSilenceMs, options.signal);
    let problem: Problem | undefined;
    try {
      yield* followOnce(server, input, options, { place, limit });
    } catch (error) {
      if (!(error instanceof Problem) || !error.isPassing) throw error;
      problem = error;
    } finally {
      limit.close();
    }
    options.onBreak?.(problem);
    await wait(planWait(place, problem), options.signal);
  }
}

async function* followOnce(
  server: Server,
  input: FollowInput,
  { onOpen, onMove }: FollowOptions,
  { place, limit }: { readonly place: Place; readonly limit: Limit },
): StreamEvents {
  place.failures += 1;
  const blocks = await openBlocks({ server, input, after: place.id, limit });
  place.failures = 0;
  onOpen?.();
  if (place.id === undefined) yield { type: 'reset', id: '' };
  for await (const block of blocks) {
    place.id = block.id ?? place.id;
    place.waitMs = block.retryMs ?? place.waitMs;
    const event = readEvent(block, place.id ?? '');
    if (event !== undefined) yield event;
    // Behind it: whoever goes on from here has had it.
    if (block.id !== undefined) onMove?.(block.id);
  }
}

/** Undefined for what only moves the place on, and for kinds that a later server may have. */
function readEvent({ event, data }: EventBlock, id: string): StreamEvent | undefined {
  if (event === 'reset') return { type: 'reset', id };
  return event === 'change' ? { type: 'change', id, change: JSON.parse(data) as ChangeEvent } : undefined;
}

function planWait({ waitMs, failures }: Place, problem: Problem | undefined): number {
  const grown = Math.min(waitMs * 2 ** Math.max(0, failures - 1), longestWaitMs);
  return Math.max(problem?.retryAfterMs ?? 0, grown * (0.75 + Math.random() / 2));
}
