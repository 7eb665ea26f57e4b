// The files of a dataset as the engine reads them: as they stand, or copies in plain form where it would not read them right.
import { ownColumns, type Compression, type Dataset } from '../../dataset.ts';
import { Refused } from '../task/refusal.ts';
import { LookFault } from './fault.ts';
import { usualLineBytes } from './csv-look.ts';
import { copyPlain, needsCopy, plainOptions, type Copied, type CopyRoom } from './plain-copy.ts';

export interface PlainFile {
  /** Relative to the working folder. */
  readonly path: string;
  /** What people call the file. */
  readonly name: string;
  readonly bytes: number;
}

export interface Plain<File extends PlainFile> {
  /** With the options by which the files are read now. */
  readonly dataset: Dataset;
  readonly files: readonly File[];
  /** Not all rows are there: a preview of a large file. */
  readonly isCut: boolean;
}

/** What a copy is called beside its file. */
export const plainPath = (path: string): string => `${path}.plain`;

/** Throws `Refused` where a file can't be copied. Where one has to be, all are: they are read as one. */
export async function openPlain<File extends PlainFile>(
  dataset: Dataset,
  files: readonly File[],
  room: Pick<CopyRoom, 'maxBytes' | 'mayCut' | 'isLate'>,
): Promise<Plain<File>> {
  if (dataset.format === 'parquet') return { dataset, files, isCut: false };
  const largest = Math.max(...files.map(({ bytes }) => bytes)) * mostUnpacked[dataset.compression];
  const asIs = { dataset: boundLine(dataset, largest), files, isCut: false };
  const asks = await Promise.all(
    files.map((file) => explained(dataset, file, () => needsCopy(dataset, toText(dataset, file)))),
  );
  if (!asks.includes(true)) return asIs;
  let { maxBytes } = room;
  let isCut = false;
  let longest = 0;
  let lead: number | null = null;
  for (const file of files) {
    const here: CopyRoom = { ...room, maxBytes, target: plainPath(file.path), lead };
    const copy = () => copyPlain({ ...dataset, schema: ownColumns(dataset) }, toText(dataset, file), here);
    const copied: Copied = await explained(dataset, file, copy);
    maxBytes = Math.max(0, maxBytes - copied.bytes);
    longest = Math.max(longest, copied.bytes);
    isCut ||= copied.isCut;
    lead = copied.lead;
  }
  const format = dataset.format === 'json' || dataset.format === 'ndjson' ? 'ndjson' : 'csv';
  const options = { ...plainOptions(dataset.options), skipLines: lead ?? 0 };
  return {
    dataset: boundLine({ ...dataset, format, compression: 'none', options }, longest),
    files: files.map((file) => ({ ...file, path: plainPath(file.path) })),
    isCut,
  };
}

/** Bytes that one packed byte can stand for. */
const mostUnpacked = { none: 1, gzip: 1032, zstd: Infinity } as const satisfies Record<Compression, number>;

/**
 * The engine makes room for several of the longest lines before it has read one, and a file has none that is longer than itself:
 * 256 MiB for a small file took a gibibyte of memory.
 */
function boundLine(dataset: Dataset, bytes: number): Dataset {
  const { maxLineBytes } = dataset.options;
  // Not less than is usual: what is not said could be held to something shorter.
  const most = Math.max(bytes, usualLineBytes + 1);
  if (maxLineBytes === undefined || maxLineBytes <= most) return dataset;
  return { ...dataset, options: { ...dataset.options, maxLineBytes: most } };
}

const toText = ({ compression, options }: Dataset, { path }: PlainFile) => ({
  path,
  compression,
  encoding: options.encoding,
});

async function explained<T>(dataset: Dataset, file: PlainFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fault = error instanceof LookFault ? error : unpackFault(error);
    throw new Refused({
      reason: 'input_unreadable',
      message: `The file "${file.name}" of dataset "${dataset.name}" can't be read: ${fault.message}.`,
      hint: fault.hint,
      dataset: dataset.name,
      file: file.name,
    });
  }
}

/** Whatever else goes wrong comes of the packing, or of the disk. */
const unpackFault = (error: unknown): LookFault =>
  new LookFault(
    error instanceof Error ? error.message : String(error),
    'Check that the file is whole, and that it is compressed as the dataset says.',
  );
