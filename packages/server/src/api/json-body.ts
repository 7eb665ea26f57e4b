// Request bodies: JSON with the position of what is wrong; an empty one is none, that of a DELETE is ignored.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
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
  app.addContentTypeParser(json, { parseAs: 'buffer' }, (request, bytes: Buffer, done) =>
    readJson(request, bytes, done),
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (isIgnored(request, bytes.toString())) done(null, undefined);
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

function readJson(request: FastifyRequest, bytes: Buffer, done: Done): void {
  const text = bytes.toString();
  if (isIgnored(request, text)) return done(null, undefined);
  try {
    requirePlain(request.headers);
    // RFC 8259, section 8.1: anything else would be kept with other letters than were sent.
    if (!isUtf8(bytes))
      throw new Problem('malformed_json', 'The body is not UTF-8: send it in that encoding.');
    return done(null, parseJson(text));
  } catch (error) {
    return done(error as Error);
  }
}

function requirePlain(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new Problem('media_type_unsupported', 'Send the body as it is, without Content-Encoding.');
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/iu.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/iu.test(charset))
    throw new Problem('media_type_unsupported', `Send the body in UTF-8, not in ${charset}.`);
}
