// Problems: RFC 9457 documents with what the original's clients read, and how a zod error becomes a list of fields.
import { z } from 'zod';

/** One field at fault, as a dotted path, and what to do about it. */
export const fieldError = z
  .object({
    field: z.string().describe('Dotted path, such as `writeSettings[0].path`.'),
    detail: z.string().describe('What is wrong and what would do.'),
  })
  .meta({ id: 'FieldError' });

/** The names that clients of the original's API read. */
export const exceptionNames = [
  'ApiValidationFailed',
  'InvalidCredentials',
  'AccessControlException',
  'DataNotFoundException',
  'RouteNotFoundException',
  'ConflictException',
  'GoneException',
  'PayloadTooLarge',
  'TooManyRequestsException',
  'InternalServerError',
  'ServiceUnavailable',
] as const;

export const problem = z
  .looseObject({
    type: z.string().describe('A URI that names the kind of problem.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened and what to do.'),
    code: z.string().describe('A word from a closed list, for programs.'),
    errors: z.array(fieldError),
    exception: z
      .object({ name: z.enum(exceptionNames), message: z.string(), details: z.string() })
      .describe('The same for clients of the original API.'),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'A problem as in RFC 9457; some codes add members.' });

export type ProblemDocument = z.output<typeof problem>;

/** A zod error as fields: dotted paths (`writeSettings[0].path`), each with a sentence that says what is allowed. */
export function describeIssues(error: z.ZodError, root = ''): { field: string; detail: string }[] {
  return error.issues.flatMap((issue) => describeIssue(issue, root));
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue, root: string): { field: string; detail: string }[] {
  const field = writePath(issue.path, root);
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0];
    if (deepest !== undefined && deepest.length > 0 && depth(deepest) > 0)
      return deepest.flatMap((each) => describeIssue(each, field));
  }
  return [{ field, detail: explain(issue) }];
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function explain(issue: Issue): string {
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'invalid_type')
    return issue.input === undefined
      ? `is needed: give ${nameType(issue.expected)}.`
      : `must be ${nameType(issue.expected)}.`;
  if (issue.code === 'too_small')
    return `must ${sizeWord(issue.origin)} at least ${String(issue.minimum)}${unit(issue.origin)}.`;
  if (issue.code === 'too_big')
    return `must ${sizeWord(issue.origin)} at most ${String(issue.maximum)}${unit(issue.origin)}.`;
  return issue.message.endsWith('.') ? issue.message : `${issue.message}.`;
}

function nameType(expected: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return names[expected] ?? expected;
}

function sizeWord(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have' : 'be';
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function writePath(path: readonly PropertyKey[], root: string): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, root);
}
