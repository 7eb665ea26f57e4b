// What is wrong with one part of a document, as a problem that names the field of the whole.
import { invalidFields, Problem, type ProblemCode } from '../../base/error.ts';
import { writePath } from './document-fault.ts';
import type { DocumentFault, FieldPath } from './document-plan.ts';

/** What a document calls a field of the part; as it is unless given. */
export type Rename = (field: string) => string;

/** Renames the first member of a path by a table. */
export function renameFirst(words: Readonly<Record<string, string>>): Rename {
  return (field) => field.replace(/^[^.[]+/u, (word) => words[word] ?? word);
}

/** What `work` throws, with the path of the part before the fields; a problem without a field is the part's own. */
export async function inPart<Result>(
  path: FieldPath,
  work: () => Result | Promise<Result>,
  rename: Rename = (field) => field,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Problem ? placeProblem(error, writePath(path), rename) : error;
  }
}

/** What has nothing to do with the part, as a database that is away. */
const ofAll: readonly ProblemCode[] = ['not_signed_in', 'too_many_requests', 'unavailable', 'internal'];

function placeProblem(problem: Problem, at: string, rename: Rename): Problem {
  const { code, message, errors, more } = problem;
  if (ofAll.includes(code)) return problem;
  const fields =
    errors.length === 0
      ? [{ field: at, detail: message }]
      : errors.map(({ field, detail }) => ({ field: `${at}.${rename(field)}`, detail }));
  // What a part names and is not there is a fault of this request.
  return code === 'validation_failed' || code === 'not_found'
    ? invalidFields(fields)
    : new Problem(code, message, fields, more);
}

export function requireNoFault(faults: readonly DocumentFault[]): void {
  if (faults.length === 0) return;
  throw invalidFields(faults.map(({ path, detail }) => ({ field: writePath(path), detail })));
}
