// Inputs as a child sees them: files with plain names in its working folder, checked before and after.
import { stat } from 'node:fs/promises';
import type { Dataset, InputFile } from '../../dataset.ts';
import type { Failure } from '../../failure.ts';
import { identify, markOf } from '../input/open-input.ts';
import { plainPath } from '../look/plain-input.ts';
import { findPageDamage } from '../parquet/page-walk.ts';
import type { InputState } from '../promise/part.ts';
import type { HandedFile, HandedFiles } from '../protocol.ts';
import { inputMissing } from './explain-run.ts';
import { findOtherPacking } from './file-head.ts';
import { findDamage } from './packed-file.ts';
import { Refused } from './refusal.ts';

/** A file of a dataset, and what the server handed over for it. */
interface Input {
  dataset: Dataset;
  file: InputFile;
  handed: HandedFile;
}

/** An input's state when it was looked at. */
interface Mark {
  /** What the file is told by while it is read. */
  seen: string;
  /** The mark of the file that this one is a copy of. */
  source: string | undefined;
  bytes: number;
  writtenAt: number;
}

interface Sighting extends Input, Mark {
  /** What is wrong with a packed file: looked for while DuckDB reads it. */
  damage: Promise<string | null>;
}

export interface Inputs {
  /** All that are there and their copies, relative to the working folder. */
  all: string[];
  /** A dataset's files; throws `Refused` where one is missing or may not be read. */
  use: (dataset: Dataset) => Promise<InputState[]>;
  /** Bytes of the inputs in use; throws `Refused` where one changed since, or was cut off. */
  settle: () => Promise<number>;
}

/**
 * The names are `in/<dataset>-<file>`: DuckDB reads `[`, `*` and `?` in a path as a pattern and would take a
 * neighbour's rows for those of `a[1].csv`. With `unpackWhole` packed files are checked to their end. Throws `Refused`
 * where a name leads to another file than the server opened: before the engine reads any of them.
 */
export async function takeInputs(
  datasets: readonly Dataset[],
  handed: HandedFiles,
  { unpackWhole }: { unpackWhole: boolean },
): Promise<Inputs> {
  const byDataset = new Map(
    datasets.map((dataset, index) => [dataset, listInputs(dataset, handed[index] ?? [])]),
  );
  for (const input of [...byDataset.values()].flat()) await requireSame(input);
  const seen: Sighting[] = [];
  return {
    all: [...byDataset.values()]
      .flat()
      .flatMap(({ handed: file }) => ('name' in file ? [file.name, plainPath(file.name)] : [])),
    use: async (dataset) => {
      const inputs = byDataset.get(dataset) ?? [];
      const found: Sighting[] = [];
      for (const input of inputs) found.push(await lookAt(input, unpackWhole));
      seen.push(...found);
      return found.map(toState);
    },
    settle: async () => {
      for (const before of seen) await compare(before);
      return seen.reduce((sum, { bytes }) => sum + bytes, 0);
    },
  };
}

const listInputs = (dataset: Dataset, row: readonly HandedFile[]): Input[] =>
  dataset.files.map((file, place) => ({ dataset, file, handed: row[place] ?? { fault: 'missing' } }));

const toState = (sighting: Sighting): InputState => ({
  path: nameOf(sighting),
  name: sighting.file.name,
  bytes: sighting.bytes,
  mark: sighting.source ?? sighting.seen,
  writtenAt: sighting.writtenAt,
  folders: sighting.file.folders,
  parts: sighting.file.parts,
});

function nameOf({ dataset, file, handed }: Input): string {
  if ('name' in handed) return handed.name;
  throw new Refused(
    handed.fault === 'missing'
      ? inputMissing(dataset.name, file.name)
      : inputOutside(dataset.name, file.name),
  );
}

/** Between its opening and its binding another file may have come under its path. */
async function requireSame(input: Input): Promise<void> {
  if (!('name' in input.handed)) return;
  const found = await stat(input.handed.name, { bigint: true }).catch(() => null);
  if (found === null || identify(found) !== input.handed.identity) throw changed(input);
}

async function lookAt(input: Input, unpackWhole: boolean): Promise<Sighting> {
  const name = nameOf(input);
  const { dataset, file } = input;
  const mark = await sight(input);
  if (dataset.format !== 'parquet')
    refuseDamaged(dataset, file, await findOtherPacking(name, dataset.compression));
  const packed = unpackWhole && dataset.format !== 'parquet';
  const damage = packed ? findDamage(name, dataset.compression) : Promise.resolve(null);
  if (dataset.format === 'parquet') refuseDamaged(dataset, file, await findPageDamage(name));
  return { ...input, ...mark, damage };
}

async function sight(input: Input): Promise<Mark> {
  const found = await stat(nameOf(input), { bigint: true }).catch(() => null);
  if (found === null || !found.isFile()) throw new Refused(inputMissing(input.dataset.name, input.file.name));
  return {
    seen: markOf(found),
    source: 'mark' in input.handed ? input.handed.mark : undefined,
    bytes: Number(found.size),
    writtenAt: Number(found.mtimeMs),
  };
}

async function compare(before: Sighting): Promise<void> {
  const now = await sight(before);
  if (now.seen !== before.seen) throw changed(before);
  refuseDamaged(before.dataset, before.file, await before.damage);
}

function changed({ dataset, file }: Input): Refused {
  return new Refused({
    reason: 'input_changed',
    message: `The file "${file.name}" of dataset "${dataset.name}" changed while it was read.`,
    hint: 'Run the job again once nobody writes to it; put new data under a new file name and rename it when whole.',
    dataset: dataset.name,
    file: file.name,
  });
}

const inputOutside = (dataset: string, file: string): Failure => ({
  reason: 'input_changed',
  message: `The file "${file}" of dataset "${dataset}" leads out of the folders that datasets may be read from.`,
  hint: 'Put the file itself where the dataset says, not a link that leads elsewhere.',
  dataset,
  file,
});

function refuseDamaged(dataset: Dataset, file: InputFile, damage: string | null): void {
  if (damage === null) return;
  throw new Refused({
    reason: 'input_unreadable',
    message: `The file "${file.name}" of dataset "${dataset.name}" can't be read: ${damage}.`,
    hint: 'Give the dataset the whole file, as its writer made it.',
    dataset: dataset.name,
    file: file.name,
  });
}
