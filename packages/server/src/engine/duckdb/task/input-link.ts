// Inputs as a child sees them: links with plain names in its working folder, checked before and after.
import { mkdir, stat, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Dataset, InputFile } from '../../dataset.ts';
import { inputMissing } from './explain-run.ts';
import { findDamage } from './packed-file.ts';
import { findPageDamage } from '../parquet/page-walk.ts';
import { Refused } from './refused.ts';

/** An input's state when it was looked at. */
interface Mark {
  mark: string;
  bytes: number;
}

interface Sighting extends Mark {
  dataset: Dataset;
  file: InputFile;
  /** What is wrong with a packed file: looked for while DuckDB reads it. */
  damage: Promise<string | null>;
}

export interface InputLinks {
  /** All links, whether their files are there or not, relative to the working folder. */
  all: string[];
  /** A dataset's links; throws `Refused` where a file is missing. */
  use: (dataset: Dataset) => Promise<string[]>;
  /** Bytes of the inputs in use; throws `Refused` where one changed since, or was cut off. */
  settle: () => Promise<number>;
}

/** The path behind an absolute path or a `file://` address. */
export const toPath = (uri: string): string => (uri.startsWith('file://') ? fileURLToPath(uri) : uri);

/**
 * Links every file under `in/` of the working folder: DuckDB reads `[`, `*` and `?` in a path as a pattern and
 * would take a neighbour's rows for those of `a[1].csv`. With `unpackWhole` packed files are checked to their end.
 */
export async function linkInputs(
  folder: string,
  datasets: readonly Dataset[],
  { unpackWhole }: { unpackWhole: boolean },
): Promise<InputLinks> {
  const look = (dataset: Dataset, file: InputFile): Promise<string | null> =>
    unpackWhole ? lookForDamage(dataset, file) : Promise.resolve(null);
  await mkdir(`${folder}/in`);
  const links = new Map<Dataset, string[]>();
  for (const [index, dataset] of datasets.entries()) {
    const names = dataset.files.map((_, place) => `in/${index}-${place}`);
    links.set(dataset, names);
    for (const [place, name] of names.entries())
      await symlink(toPath(dataset.files[place]?.uri ?? ''), `${folder}/${name}`);
  }
  const seen: Sighting[] = [];
  return {
    all: [...links.values()].flat(),
    use: async (dataset) => {
      for (const file of dataset.files) {
        seen.push({ dataset, file, ...(await sight(dataset, file)), damage: look(dataset, file) });
        if (dataset.format === 'parquet')
          refuseDamaged(dataset, file, await findPageDamage(toPath(file.uri)));
      }
      return links.get(dataset) ?? [];
    },
    settle: async () => {
      for (const before of seen) await compare(before);
      return seen.reduce((sum, { bytes }) => sum + bytes, 0);
    },
  };
}

async function sight(dataset: Dataset, file: InputFile): Promise<Mark> {
  const found = await stat(toPath(file.uri), { bigint: true }).catch(() => null);
  if (found === null || !found.isFile()) throw new Refused(inputMissing(dataset.name, file.name));
  const mark = `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
  return { mark, bytes: Number(found.size) };
}

async function compare(before: Sighting): Promise<void> {
  const now = await sight(before.dataset, before.file);
  if (now.mark === before.mark) return refuseDamaged(before.dataset, before.file, await before.damage);
  throw new Refused({
    reason: 'input_changed',
    message: `The file "${before.file.name}" of dataset "${before.dataset.name}" changed while it was read.`,
    hint: 'Run the job again once nobody writes to it; put new data under a new file name and rename it when whole.',
    dataset: before.dataset.name,
    file: before.file.name,
  });
}

const lookForDamage = (dataset: Dataset, file: InputFile): Promise<string | null> =>
  findDamage(toPath(file.uri), dataset.format === 'parquet' ? 'none' : dataset.compression);

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
