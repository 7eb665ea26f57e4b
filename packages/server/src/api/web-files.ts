// The files of the web interface, with its page for every address that is not a file; a plain page where it is not built.
import files from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dropPageHeaders } from './security-header.ts';

/** The folder of the built web interface: beside the compiled server, or in the repository; null where it is not built. */
export function findWebFolder(): string | null {
  const places = ['../web/', '../../../web/dist/'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(join(place, 'index.html'))) ?? null;
}

/** Answers a request that no route takes, if it is for the web interface. */
export type SendWebFile = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null;

export async function addWebFiles(
  app: FastifyInstance,
  folder: string | null,
  basePath: string,
): Promise<SendWebFile> {
  if (folder === null) return (request, reply) => (isPlace(request, '/') ? sendPage(reply, plainPage) : null);
  await app.register(files, { root: folder, serve: false, etag: true, preCompressed: true });
  const names = new Set(listFiles(folder));
  const page = addBase(readFileSync(join(folder, 'index.html'), 'utf8'), basePath);
  return (request, reply) => {
    const path = readPath(request);
    if (names.has(path)) return sendFile(reply, path);
    return wantsPage(request, path) ? sendPage(reply, page) : null;
  };
}

function listFiles(folder: string): string[] {
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      // `.vite/` says how it was built; what is compressed beside a file is sent in its place.
      .filter((name) => name !== 'index.html' && !name.startsWith('.') && !/\.(?:br|gz)$/u.test(name))
  );
}

/** Names in assets/ carry a hash of what is in them: they never change. */
function sendFile(reply: FastifyReply, path: string): FastifyReply {
  const immutable = path.startsWith('assets/');
  if (/\.(?:js|css)$/u.test(path)) dropPageHeaders(reply);
  return reply.sendFile(path, immutable ? { maxAge: '1y', immutable } : { maxAge: 0 });
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page);
}

function isPlace(request: FastifyRequest, place: string): boolean {
  return isReading(request) && `/${readPath(request)}` === place;
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Without the first `/`; a broken percent-encoding is as good as no file. */
function readPath({ url }: FastifyRequest): string {
  const path = url.split(/[?#]/u)[0]!.slice(1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** An address of the web interface, opened in a browser: its own code finds the page. */
function wantsPage(request: FastifyRequest, path: string): boolean {
  const accepts = request.headers.accept ?? '';
  const isElsewhere = path.startsWith('v4/') || path.startsWith('assets/');
  return isReading(request) && !isElsewhere && (path === '' || accepts.includes('text/html'));
}

/** All addresses in the page are relative to its base, so that it works below any path. */
function addBase(page: string, basePath: string): string {
  return page.replace(/<head>/u, `<head><base href="${basePath}/">`);
}

const plainPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Flowhook</title></head>
<body>
<h1>Flowhook</h1>
<p>The server runs. Its web interface is not built here; the API is below <code>/v4</code>,
described by <a href="v4/open-api-spec">v4/open-api-spec</a>.</p>
</body>
</html>
`;
