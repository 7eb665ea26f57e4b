// The file of a package: a zip with one JSON document, written, and read within bounds.
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { buffer } from 'node:stream/consumers';
import { invalidField, Problem } from '../base/error.ts';

/** Bytes. A document of the original with hundreds of recipes has 10 MB. */
export const largestPackage = 32 * 1024 * 1024;
const largestDocument = 48 * 1024 * 1024;
const maxEntries = 1000;
/** JSON of the original packs about 1:20; what packs better than this is no JSON that anybody wrote. */
const largestRatio = 250;
const smallDocument = 1024 * 1024;

export interface PackageDocument {
  readonly name: string;
  readonly text: string;
}

/** A zip that has the same bytes for the same document: no time of now is in it. */
export async function writePackageFile({ name, text }: PackageDocument): Promise<Buffer> {
  const zip = new ZipWriter();
  zip.addBuffer(Buffer.from(text), name, { mtime: new Date(Date.UTC(1980, 0, 1)), mode: 0o100644 });
  zip.end();
  return buffer(zip.outputStream as never);
}

/** The one document of a package. Nothing is written to disk, and no more is unpacked than the bounds allow. */
export async function readPackageFile(bytes: Buffer, field: string): Promise<PackageDocument> {
  const zip = await openZip(bytes, field);
  try {
    const documents = (await listEntries(zip, field)).filter(({ fileName }) => isDocument(fileName));
    if (documents.length !== 1) throw notOne(documents.length, field);
    const [entry] = documents;
    return { name: entry!.fileName, text: decode(await unpack(zip, entry!, field), field) };
  } finally {
    zip.close();
  }
}

/** From 8.0 on the original puts `artifact_*.data` files beside the document: they hold nothing that is read here. */
function isDocument(name: string): boolean {
  return /\.json5?$/iu.test(name) && !/^artifact_/iu.test(name.split('/').at(-1)!);
}

function notOne(count: number, field: string): Problem {
  const found = count === 0 ? 'no JSON document' : `${count} JSON documents`;
  return invalidField(field, `is a zip with ${found}: a package has one, as flow_sales.json.`);
}

function openZip(bytes: Buffer, field: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, strictFileNames: true, autoClose: false }, (error, zip) => {
      if (error) reject(unreadable(error, field));
      else resolve(zip);
    });
  });
}

/** Names that lead out of a folder are refused by yauzl, though nothing is written to any. */
function listEntries(zip: ZipFile, field: string): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('error', (error: Error) => reject(unreadable(error, field)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length > maxEntries) reject(invalidField(field, `holds more than ${maxEntries} files.`));
      else zip.readEntry();
    });
    zip.readEntry();
  });
}

async function unpack(zip: ZipFile, entry: Entry, field: string): Promise<Buffer> {
  if (entry.isEncrypted()) throw invalidField(field, 'is encrypted: export it without a password.');
  if (entry.uncompressedSize > largestDocument) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of await openStream(zip, entry)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > largestDocument) throw tooLarge();
      if (size > smallDocument && size > entry.compressedSize * largestRatio) throw tooDense();
    }
  } catch (error) {
    throw error instanceof Problem ? error : unreadable(error as Error, field);
  }
  return Buffer.concat(chunks);
}

function openStream(zip: ZipFile, entry: Entry): Promise<AsyncIterable<unknown>> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
}

function decode(bytes: Buffer, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidField(field, 'holds a document that is not UTF-8.');
  }
}

function tooLarge(): Problem {
  return new Problem(
    'too_large',
    `The package's document is larger than ${largestDocument / 1024 / 1024} MiB: export its flows one by one.`,
  );
}

function tooDense(): Problem {
  return new Problem('too_large', `The package unpacks to more than ${largestRatio} times its size.`);
}

function unreadable(error: Error, field: string): Problem {
  return invalidField(field, `is no zip that can be read: ${error.message}.`);
}
