// A look at a file as certain options read it: its first lines, columns and rows. Nothing is made of it, nothing is kept.
import type { Readable } from 'node:stream';
import { dropUndefined } from '../../base/drop-undefined.ts';
import type { InputFile } from '../../engine/dataset.ts';
import type { Failure } from '../../engine/failure.ts';
import type { InspectResult } from '../../engine/engine.ts';
import type { Caller } from '../../people/caller.ts';
import { readOutside } from '../default-value.ts';
import { requireUnbound } from '../flow.ts';
import type { FlowRoom } from '../flow-room.ts';
import { findFiles } from '../recipes/query.ts';
import { toRefusal } from '../refusal.ts';
import { requireDataset } from './dataset-access.ts';
import { findTooWide, findUnknownColumn, type GivenNow } from './dataset-reading.ts';
import { dropFile, receiveFile } from './upload.ts';
import { toInput } from './pattern-file.ts';

type Found = InspectResult & { ok: true };

export interface Look {
  readonly error: string | null;
  readonly lines: readonly string[];
  /** Null where the file can't be read so. */
  readonly found: Pick<Found, 'format' | 'compression' | 'options' | 'columns' | 'assumptions'> | null;
  readonly rows: readonly (readonly unknown[])[];
  readonly warnings: readonly string[];
}

/** The beginning of a file says how it is written; what is larger would be sent again with each change. */
export const maxLookBytes = 16 * 2 ** 20;
const shownLines = 20;
const shownRows = 20;

interface LookInput extends GivenNow {
  readonly uri?: string | undefined;
  readonly datasetId?: number | undefined;
}

/** Looks at a file in an allowed folder, or at those of a dataset that the caller may change. */
export async function lookAtFile(room: FlowRoom, caller: Caller, input: LookInput): Promise<Look> {
  if (input.datasetId !== undefined) {
    const row = await requireDataset(room, caller, input.datasetId, 'change');
    const files = await findFiles(room.locations, row, await readOutside(room));
    return look(room, caller, files, { name: row.name, input });
  }
  requireUnbound(caller, 'look at files that no dataset has');
  const { uri, path } = await room.locations.resolveGiven(input.uri ?? '');
  const file = toInput({ uri, path });
  return look(room, caller, [file], { name: file.name, input });
}

/** Looks at a file that is arriving, and throws it away. */
export async function lookAtArriving(
  room: FlowRoom,
  caller: Caller,
  file: { readonly name: string; readonly stream: Readable },
  readInput: () => Promise<GivenNow>,
): Promise<Look> {
  requireUnbound(caller, 'look at files that no dataset has');
  const { uploadsDir } = room.locations;
  const limit = Math.min(maxLookBytes, room.uploadLimit);
  const received = await receiveFile(uploadsDir, file.name, file.stream, limit);
  try {
    const { path, fileName: name } = received;
    return await look(room, caller, [{ uri: path, name }], { name, input: await readInput() });
  } finally {
    await dropFile(uploadsDir, received);
  }
}

interface Asked {
  readonly name: string;
  readonly input: GivenNow;
}

async function look(
  room: FlowRoom,
  { personId: asker }: Caller,
  files: readonly InputFile[],
  { name, input }: Asked,
): Promise<Look> {
  const { format, compression } = input;
  const options = dropUndefined(input.options ?? {});
  const found = await room.engine.inspect(
    {
      name,
      files,
      options,
      lines: shownLines,
      ...(format !== undefined && { format }),
      ...(compression !== undefined && { compression }),
    },
    { asker },
  );
  const lines = found.lines ?? [];
  if (!found.ok) return { error: tell(found.failure), lines, found: null, rows: [], warnings: [] };
  const tooWide = findTooWide(found.columns);
  if (tooWide !== null) return { error: tooWide, lines, found: null, rows: [], warnings: [] };
  const unknown = findUnknownColumn(options, found.columns);
  if (unknown !== null) {
    const error = `${unknown.field}: ${unknown.detail}`;
    return { error, lines, found, rows: [], warnings: [] };
  }
  const dataset = { ...found, name, files, schema: found.columns };
  const query = { datasets: [dataset], recipes: [], target: name };
  const first = await room.engine.preview(query, { asker, limit: shownRows });
  if (!first.ok) return { error: tell(first.failure), lines, found, rows: [], warnings: [] };
  return { error: null, lines, found, rows: first.rows, warnings: first.warnings };
}

/** What is at fault in the file is an answer; that the server is busy or the engine broken is none. */
function tell(failure: Failure): string {
  const problem = toRefusal(failure, 'file');
  if (failure.reason === 'input_unreadable' || failure.reason === 'bad_value') return problem.message;
  throw problem;
}
