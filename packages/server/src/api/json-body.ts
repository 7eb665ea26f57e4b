// Request bodies: JSON with the position of what is wrong; an empty one is none, that of a DELETE is ignored.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../base/error.ts';

type Done = (error: Error | null, body?: unknown) => void;

/** Deeper than anybody means it, shallow enough for every function that walks a value. */
const deepest = 64;

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

/** Throws `malformed_json` with the position, and `validation_failed` for what no column can hold. */
export function parseJson(text: string): unknown {
  refuseDepth(text);
  const value = parseOrExplain(text);
  if (text.includes(String.raw`\u0000`) && hasNul(value))
    throw new Problem('validation_failed', 'Texts must not have the character NUL (\\u0000) in them.');
  return value;
}

function parseOrExplain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { position, line, column } = locate(text, findFault(text, String(error)));
    throw new Problem(
      'malformed_json',
      `The body is not valid JSON: look at line ${line}, column ${column}.`,
      [{ field: 'body', detail: `is not valid JSON from character ${position} on.` }],
      { position, line, column },
    );
  }
}

/** Where the text stops being the beginning of any JSON. */
function findFault(text: string, message: string): number {
  const stated = /at position (\d+)/u.exec(message)?.[1];
  if (stated !== undefined) return Number(stated);
  // Where the engine names no position, the longest beginning that it only finds too short is looked for.
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (couldGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = String(error);
    const stated = /at position (\d+)/u.exec(message)?.[1];
    return stated === undefined ? message.includes('end of JSON') : Number(stated) >= text.length;
  }
}

function locate(text: string, position: number) {
  const lines = text.slice(0, position).split('\n');
  return { position, line: lines.length, column: lines.at(-1)!.length + 1 };
}

const quote = 0x22;
const backslash = 0x5c;
const openings = new Set([0x5b, 0x7b]);
const closings = new Set([0x5d, 0x7d]);

function refuseDepth(text: string): void {
  if (text.length <= deepest) return;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) quoted = !quoted;
    else if (quoted && code === backslash) index += 1;
    else if (!quoted && openings.has(code)) depth += 1;
    else if (!quoted && closings.has(code)) depth -= 1;
    if (depth > deepest)
      throw new Problem('validation_failed', `The body is nested deeper than ${deepest} levels.`);
  }
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, each]) => name.includes('\0') || hasNul(each));
}
