// A multipart form with one file: the file is streamed on, its text fields are read around it.
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { Problem, invalidField } from '../base/error.ts';

export interface ArrivingFile {
  /** The name of its part. */
  readonly part: string;
  readonly name: string;
  readonly stream: Readable;
}

export type TextFields = Readonly<Record<string, string>>;

/**
 * Finds the part with the file (`file`, unless other names are given) and hands it to `use`, which must read it to its end before it asks for the fields: those
 * before and behind the file. What is wrong with the form is the caller's fault.
 */
export async function receiveForm<Result>(
  request: FastifyRequest,
  use: (file: ArrivingFile, readFields: () => Promise<TextFields>) => Promise<Result>,
  names: readonly string[] = ['file'],
): Promise<Result> {
  if (!request.isMultipart())
    throw new Problem('media_type_unsupported', 'Send the file as a part of multipart/form-data.');
  const fields: Record<string, string> = {};
  const parts = request.parts();
  let formBroke = false;
  let file: ArrivingFile | undefined;
  const next = async () => {
    const { value, done } = await parts.next().catch((error: unknown) => {
      formBroke = true;
      throw error;
    });
    return done === true ? undefined : value;
  };
  try {
    file = await findFile(next, fields, names);
    return await use(file, () => readRest(next, fields));
  } catch (error) {
    throw formBroke || hasBroken(file?.stream, error) ? toFault(error) : error;
  } finally {
    // What is not read any more would hold up the answer.
    request.raw.unpipe();
    request.raw.resume();
  }
}

/** Broken off on its way here, not on its way to the disk: an error of the disk names its system call. */
function hasBroken(stream: Readable | undefined, error: unknown): boolean {
  if (stream === undefined || (error instanceof Error && 'syscall' in error)) return false;
  return stream.errored !== null || (stream.destroyed && !stream.readableEnded);
}

type Parts = ReturnType<FastifyRequest['parts']>;
type Part = Parts extends AsyncIterableIterator<infer Each> ? Each : never;
type Next = () => Promise<Part | undefined>;

async function findFile(
  next: Next,
  fields: Record<string, string>,
  names: readonly string[],
): Promise<ArrivingFile> {
  for (let part = await next(); part !== undefined; part = await next()) {
    if (part.type === 'file' && names.includes(part.fieldname))
      return {
        part: part.fieldname,
        name: part.filename === '' ? 'file' : part.filename,
        stream: part.file,
      };
    noteField(part, fields);
  }
  const [name = 'file'] = names;
  throw invalidField(name, `is needed: send the file in a part named ${name}, with its file name.`);
}

async function readRest(next: Next, fields: Record<string, string>): Promise<TextFields> {
  for (let part = await next(); part !== undefined; part = await next()) noteField(part, fields);
  return fields;
}

function noteField(part: Part, fields: Record<string, string>): void {
  if (part.type === 'file') {
    part.file.resume();
    throw invalidField(part.fieldname, 'is no part that is known here: send one file alone.');
  }
  if (part.valueTruncated) throw invalidField(part.fieldname, 'is too long.');
  fields[part.fieldname] = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
}

/** Limits have a status of their own; everything else is a form that broke off. */
function toFault(error: unknown): unknown {
  if (error instanceof Problem) return error;
  if (error instanceof Error && 'code' in error && error.code === 'FST_FILES_LIMIT')
    return new Problem('validation_failed', 'The form has more than one file: send one alone.');
  if (error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500) return error;
  return new Problem(
    'validation_failed',
    'The upload is no whole multipart form: it broke off, or its boundary is wrong. Send it again.',
  );
}
