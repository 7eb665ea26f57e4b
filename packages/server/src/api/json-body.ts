// Request bodies: JSON with the position of what is wrong; an empty one is none, that of a DELETE is ignored.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../base/error.ts';
import { parseJson } from '../base/json-text.ts';

type Done = (error: Error | null, body?: unknown) => void;

export function addBodyParsers(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _, done) => {
    if (hasNoBody(request)) delete request.headers['content-type'];
    done();
  });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  const json = /^(application|text)\/([\w.+-]+\+)?json\b/u;
  app.addContentTypeParser(json, { parseAs: 'string' }, (request, text: string, done) =>
    readJson(request, text, done),
  );
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, text: string, done) => {
    if (isIgnored(request, text)) done(null, undefined);
    else done(new Problem('media_type_unsupported', 'Send the body as application/json.'));
  });
}

/** Without a body its type says nothing, not even a broken one. */
function hasNoBody({ method, headers }: FastifyRequest): boolean {
  if (method === 'DELETE') return true;
  const length = headers['content-length'];
  return headers['transfer-encoding'] === undefined && (length === undefined || length === '0');
}

function isIgnored({ method }: FastifyRequest, text: string): boolean {
  return method === 'DELETE' || text.trim() === '';
}

function readJson(request: FastifyRequest, text: string, done: Done): void {
  if (isIgnored(request, text)) return done(null, undefined);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return done(new Problem('media_type_unsupported', 'Send the body as it is, without Content-Encoding.'));
  try {
    return done(null, parseJson(text));
  } catch (error) {
    return done(error as Error);
  }
}
