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
export function describeIssues(error: z.ZodError, root = ''): z.output<typeof fieldError>[] {
  return error.issues.flatMap((issue) => describeIssue(issue, root));
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue, root: string): z.output<typeof fieldError>[] {
  const field = writePath(issue.path, root);
  const branch = issue.code === 'invalid_union' ? chooseBranch(issue.errors) : [];
  if (branch.length > 0) return branch.flatMap((each) => describeIssue(each, field));
  return [{ field, detail: explain(issue) }];
}

// The form that the caller meant is the one that was read furthest; when none was entered, there is none.
function chooseBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map(({ path }) => path.length));
  const deepest = branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  return depth(deepest) > 0 ? deepest : [];
}

function explain(issue: Issue): string {
  // A schema's own sentence is better than any made here; zod's begin like this.
  if (!/^(?:Invalid|Too (?:big|small)|Unrecognized)/u.test(issue.message)) return endSentence(issue.message);
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `is needed: give ${nameType(issue.expected)}.`
        : `must be ${nameType(issue.expected)}.`;
    case 'invalid_value':
      return `must be ${listValues(issue)}.`;
    case 'too_small':
      return `must ${writeBound(issue.origin, 'least', issue)}.`;
    case 'too_big':
      return `must ${writeBound(issue.origin, 'most', issue)}.`;
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `text of the form ${issue.format}`}.`;
    case 'invalid_union':
      return `must be ${issue.errors.flatMap((branch) => branch.slice(0, 1).map(nameExpected)).join(' or ')}.`;
    case 'invalid_key':
      return `has a name that does not fit: a name ${issue.issues.map(explain).join(' ')}`;
    case 'custom':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return endSentence(issue.message);
  }
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const formats: Readonly<Record<string, string>> = {
  email: 'an email address, such as ada@example.com',
  datetime: 'a time in ISO 8601 with its zone, such as 2026-01-02T03:04:05Z',
};

function nameType(expected: string): string {
  return typeNames[expected] ?? expected;
}

function nameExpected(issue: Issue): string {
  return issue.code === 'invalid_type' ? nameType(issue.expected) : 'a value that fits';
}

function listValues(issue: z.core.$ZodIssueInvalidValue): string {
  // The texts of booleans in a query: more are read than need be told.
  if (issue.values.includes('')) return 'true or false';
  const values = issue.values.map(String);
  return values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
}

type Bound = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

function writeBound(origin: string, side: 'least' | 'most', issue: Bound): string {
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  const [one, many] = units[origin] ?? [];
  if (one === undefined || many === undefined) {
    if (issue.inclusive === false) return `be ${side === 'least' ? 'more' : 'less'} than ${limit}`;
    return `be at ${side} ${limit}`;
  }
  if (issue.exact === true) return `have exactly ${limit} ${Number(limit) === 1 ? one : many}`;
  if (side === 'least' && Number(limit) === 1) return 'not be empty';
  return `have at ${side} ${limit} ${Number(limit) === 1 ? one : many}`;
}

const units: Readonly<Record<string, readonly [string, string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function endSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** A path as people write it: `writeSettings[0].path`. */
export function writePath(path: readonly PropertyKey[], root: string): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, root);
}
