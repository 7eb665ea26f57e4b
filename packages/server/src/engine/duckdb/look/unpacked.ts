// A file's bytes, unpacked, as a stream.
import { createReadStream } from 'node:fs';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from '../../dataset.ts';

const chunkBytes = 256 * 1024;

/** The bytes of the file; whoever stops early closes it. Throws where it can't be unpacked. */
export async function* readUnpacked(path: string, compression: Compression): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  const unpack =
    compression === 'none' ? null : compression === 'gzip' ? createGunzip() : createZstdDecompress();
  if (unpack !== null) file.on('error', (error) => unpack.destroy(error));
  try {
    yield* (unpack === null ? file : file.pipe(unpack)) as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
    unpack?.destroy();
  }
}
