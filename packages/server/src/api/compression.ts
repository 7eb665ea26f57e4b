// Answers of more than a kilobyte go out compressed to whoever takes that. Files and streams of rows stay as they are.
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** Bytes; compressed, a smaller answer needs as many packets. */
const threshold = 1024;

export async function addCompression(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    // The files of the web interface lie compressed beside each other; of what is made here gzip is the cheapest.
    encodings: ['gzip'],
    threshold,
    customTypes: /^(?:application\/(?:problem\+)?json|text\/html)\b/u,
    zlibOptions: { level: 4 },
    // What comes in compressed is refused, as its size says nothing.
    globalDecompression: false,
  });
}
