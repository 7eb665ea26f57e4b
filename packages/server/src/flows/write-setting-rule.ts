// Pure: which write settings make sense: compressions, paths below the outputs folder, two in one place.
import {
  findWriteSettingFaults,
  writeFormat,
  type WriteSettingGiven,
} from '@flowhook/contract/flow/write-setting';
import { invalidField, invalidFields } from '../base/error.ts';

/** What is stored: `zstd` is a compression like any other. */
export type WriteRule = Omit<WriteSettingGiven, 'compression' | 'zstd'> & {
  readonly compression: 'none' | 'gzip' | 'snappy' | 'zstd';
};

/** The setting as it is stored; throws all that is wrong at once. `at` stands before the fields, as `writeSettings[0].`. */
export function settleWriteSetting(given: WriteSettingGiven, at = ''): WriteRule {
  const { zstd, compression, ...rest } = given;
  const path = findPathFault(given.path);
  const delim = findDelimiterFault(given.delim);
  const faults = [
    ...(path === null ? [] : [{ field: 'path', detail: path }]),
    ...(delim === null ? [] : [{ field: 'delim', detail: delim }]),
    ...(given.nullText.includes(given.delim)
      ? [{ field: 'nullText', detail: 'must not hold the delimiter.' }]
      : []),
    ...findWriteSettingFaults(given),
  ];
  if (faults.length > 0)
    throw invalidFields(faults.map(({ field, detail }) => ({ field: `${at}${field}`, detail })));
  return { ...rest, compression: zstd ? 'zstd' : compression };
}

function findDelimiterFault(delim: string): string | null {
  return /["\n\r\0]/u.test(delim) ? 'must not be a quote or the end of a line.' : null;
}

const longestPath = 500;
/** Bytes; a file system takes 255, and a published name grows by a job's id. */
const longestName = 200;
const relative = 'give a path below the outputs folder, as reports/orders.csv.';

/** Why a path can't name a file below the outputs folder; null where it can. */
export function findPathFault(path: string): string | null {
  if (path === '' || path.trim() !== path) return `must not be empty or have spaces around it: ${relative}`;
  if (path.length > longestPath) return `must have at most ${longestPath} characters.`;
  if (/\p{Cc}/u.test(path)) return 'must not hold control characters.';
  if (path.includes('\\')) return 'must not hold a backslash: folders are separated by /.';
  if (/^[a-z][a-z0-9+.-]*:/iu.test(path)) return `must not be an address or begin with a drive: ${relative}`;
  if (path.startsWith('/') || path.startsWith('~')) return `must not be absolute: ${relative}`;
  return (
    path
      .split('/')
      .map(findNameFault)
      .find((fault) => fault !== null) ?? null
  );
}

function findNameFault(name: string): string | null {
  if (name === '') return 'must not have an empty part or end in /.';
  if (name === '.' || name === '..') return 'must not have a part that is . or ..';
  if (Buffer.byteLength(name) > longestName) return `must have parts of at most ${longestName} bytes.`;
  return name.endsWith('.tmp') ? 'must not end in .tmp: files of that name are being written.' : null;
}

const endings: Readonly<Record<WriteRule['compression'], string>> = {
  none: '',
  gzip: '.gz',
  snappy: '',
  zstd: '.zst',
};

/** The path that the file gets: text that is compressed says so at its end. */
export function choosePlannedPath({ path, format, compression }: WriteRule): string {
  const ending = writeFormat(format).packsInside ? '' : endings[compression];
  return path.toLowerCase().endsWith(ending) ? path : `${path}${ending}`;
}

/** Throws where two settings of one output would write to the same place. */
export function refuseSamePlace(rules: readonly WriteRule[], nameField: (index: number) => string): void {
  const places = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const place = choosePlannedPath(rule);
    if (places.has(place))
      throw invalidField(nameField(index), `${place} is written by another write setting of this output.`);
    places.add(place);
  }
}
