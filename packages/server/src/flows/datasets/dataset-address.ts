// What a dataset by its address is: the file, or the files that fit a pattern, looked at by the engine.
import { Problem } from '../../base/error.ts';
import type { Caller } from '../../people/caller.ts';
import { readOutside } from '../default-value.ts';
import type { FlowRoom } from '../flow-room.ts';
import { inspectFile, type GivenNow } from './dataset-reading.ts';
import type { NewDataset } from './dataset-store.ts';
import type { PathPattern } from './path-pattern.ts';
import { toInput } from './pattern-file.ts';
import { stripEndings } from './upload.ts';

export interface DatasetInput extends GivenNow {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
}

export interface AddressInput extends DatasetInput {
  readonly uri: string;
  readonly pathPattern?: PathPattern | null | undefined;
}

/** What is to be stored of it. Throws where the address is not allowed, or the file can't be read as it is said. */
export function findDataset(room: FlowRoom, caller: Caller, input: AddressInput): Promise<NewDataset> {
  return input.pathPattern
    ? findByPattern(room, caller, input, input.pathPattern)
    : findFile(room, caller, input);
}

async function findFile(room: FlowRoom, caller: Caller, input: AddressInput): Promise<NewDataset> {
  const { uri, path, bytes } = await room.locations.resolveGiven(input.uri);
  const fileName = decodeURIComponent(uri.split('/').at(-1)!);
  if (bytes === 0) throw emptyFile('uri');
  const file = toInput({ uri, path });
  const { name = stripEndings(fileName), description = null } = input;
  const reading = await inspectFile(room, file, { now: input, asker: caller.personId, field: 'uri', name });
  return { name, description, origin: 'uri', uri, bytes, reading };
}

/** There has to be one file now, so that its columns are known. */
async function findByPattern(
  room: FlowRoom,
  caller: Caller,
  input: DatasetInput & { readonly uri: string },
  pattern: PathPattern,
): Promise<NewDataset> {
  const uri = room.locations.checkPattern(input.uri);
  const fileName = decodeURIComponent(uri.split('/').at(-1)!);
  const files = await room.locations.resolvePattern(uri, pattern, await readOutside(room));
  if (files.length === 0) throw unfitted();
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const given = files.map(toInput);
  const { name = namePattern(fileName), description = null } = input;
  const reading = await inspectFile(room, given, { now: input, asker: caller.personId, field: 'uri', name });
  return { name, description, origin: 'uri', uri, bytes, reading, pattern };
}

function namePattern(fileName: string): string {
  const name = stripEndings(fileName)
    .replaceAll(/[*{}:%]+/gu, '')
    .replaceAll(/[-_. ]+$/gu, '');
  return name === '' ? 'files' : name;
}

function unfitted(): Problem {
  const detail = 'No file fits the pattern now: check the path, or put a first file there.';
  return new Problem('file_unreadable', detail, [{ field: 'uri', detail }]);
}

function emptyFile(field: string): Problem {
  const detail = 'The file is empty: choose one that has rows.';
  return new Problem('file_unreadable', detail, [{ field, detail }]);
}
