// Pure: what a file is by its first bytes, where it is none that is read here, and the way out.

interface Kind {
  /** Hexadecimal. */
  begins: string;
  /** Letters alone begin a table, too: there must be a zero byte near. */
  isText?: true;
  /** Its first block follows. */
  isBlock?: true;
  what: string;
  way: string;
}

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const asCsv = 'Save it as CSV or Parquet, and add that file.';
const image = { what: 'a picture', way: 'Add a file of rows: CSV, JSON or Parquet.' };
const unpack = 'Unpack it and add the file in it, or pack that with gzip or zstd.';

const kinds: readonly Kind[] = [
  { begins: 'd0cf11e0a1b11ae1', what: 'an old Excel workbook or another Office document', way: asCsv },
  { begins: ascii('%PDF-'), what: 'a PDF document', way: 'Add the data that it was printed from.' },
  {
    begins: ascii('SQLite format 3\0'),
    what: 'a SQLite database',
    way: 'Export its table as CSV, and add that file.',
  },
  {
    begins: ascii('Obj\u0001'),
    what: 'an Avro file',
    way: 'Turn it into Parquet or JSON lines, and add that file.',
  },
  {
    begins: ascii('ARROW1\0\0'),
    what: 'an Arrow (Feather) file',
    way: 'Write it as Parquet, and add that file.',
  },
  {
    begins: ascii('FEA1'),
    isText: true,
    what: 'a Feather (Arrow) file',
    way: 'Write it as Parquet, and add that file.',
  },
  { begins: ascii('ORC'), isText: true, what: 'an ORC file', way: 'Write it as Parquet, and add that file.' },
  { begins: '894844460d0a1a0a', what: 'an HDF5 file', way: asCsv },
  { begins: ascii('BZh'), isBlock: true, what: 'packed with bzip2', way: unpack },
  { begins: 'fd377a585a00', what: 'packed with xz', way: unpack },
  { begins: ascii('7z\xbc\xaf\x27\x1c'), what: 'a 7-Zip archive', way: unpack },
  { begins: ascii('Rar!\u001a'), what: 'a RAR archive', way: unpack },
  { begins: '04224d18', what: 'packed with lz4', way: unpack },
  { begins: ascii('\xff\x06\0\0sNaPpY'), what: 'packed with snappy', way: unpack },
  { begins: '1f9d', what: 'packed with compress (.Z)', way: unpack },
  { begins: '89504e470d0a1a0a', ...image, what: 'a PNG picture' },
  { begins: 'ffd8ff', ...image, what: 'a JPEG picture' },
  { begins: ascii('GIF8'), isText: true, ...image, what: 'a GIF picture' },
  { begins: '49492a00', ...image, what: 'a TIFF picture' },
  { begins: '4d4d002a', ...image, what: 'a TIFF picture' },
  { begins: ascii('\x7fELF'), what: 'a program', way: 'Add a file of rows: CSV, JSON or Parquet.' },
  { begins: ascii('{\\rtf'), what: 'a rich text document (RTF)', way: asCsv },
];

/** What it is and the way out; null where nothing speaks against reading it. `bytes`: the first 64 KiB or more. */
export function findForeignKind(bytes: Uint8Array): { what: string; way: string } | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65_536));
  const hex = start.subarray(0, 32).toString('hex');
  if (hex.startsWith('504b0304') || hex.startsWith('504b0506')) return nameZip(start);
  const hasZero = start.subarray(0, 512).includes(0);
  if (hasZero && start.subarray(8, 12).toString('latin1') === 'DUCK')
    return { what: 'a DuckDB database', way: 'Export its table as Parquet or CSV, and add that file.' };
  if (hasZero && start.subarray(257, 262).toString('latin1') === 'ustar')
    return { what: 'a tar archive', way: unpack };
  const kind = kinds.find(
    ({ begins, isText, isBlock }) =>
      hex.startsWith(begins) &&
      (!isText || hasZero) &&
      (!isBlock || /^(314159265359|177245385090)/.test(hex.slice(8))),
  );
  if (kind !== undefined) return { what: kind.what, way: kind.way };
  const text = start
    .subarray(0, 2048)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (isWebPage(text)) return webPage;
  return text.startsWith('<?xml') ? { what: 'an XML document', way: asCsv } : null;
}

function nameZip(start: Buffer): { what: string; way: string } {
  const text = start.toString('latin1');
  if (/xl\/|\[Content_Types\]|spreadsheetml/.test(text) && !/\bword\/|\bppt\//.test(text))
    return { what: 'an Excel workbook', way: 'Save its sheet as CSV, and add that file.' };
  if (/opendocument\.spreadsheet/.test(text))
    return { what: 'an OpenDocument spreadsheet', way: 'Save its sheet as CSV, and add that file.' };
  if (/\bword\/|\bppt\/|opendocument/.test(text))
    return { what: 'an Office document (a zip file)', way: asCsv };
  return { what: 'a zip archive', way: unpack };
}

const webPage = {
  what: 'a web page (HTML), often an error or sign-in page that was saved under the name of the data',
  way: 'Open it to see what it says, and fetch the data again.',
};

function isWebPage(text: string): boolean {
  return (
    /^(<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])/i.test(text) ||
    /^<\?xml[^>]*\?>\s*(<!--[^]*?-->\s*)?<(!doctype\s+)?html/i.test(text)
  );
}
