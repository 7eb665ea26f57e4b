// Facts for the tests of webhooks: one plain case, and any case.
import * as fc from 'fast-check';
import { factsVersion, type Facts, type JsonValue } from '../src/webhooks/messages/fact.ts';

/** Facts of a job that ended well; `change` replaces whole members. */
export function makeFacts(change: Partial<Facts> = {}): Facts {
  return {
    version: factsVersion,
    event: 'job.success',
    job: {
      id: 1042,
      name: null,
      status: 'Complete',
      ranFrom: 'api',
      startedBy: 'person',
      startedAt: '2026-01-02T03:04:05.678Z',
      finishedAt: '2026-01-02T03:04:18.178Z',
      durationMs: 12_500,
      rows: 1000,
      bytes: 65_536,
      columns: 4,
    },
    flow: { id: 7, name: 'Sales' },
    recipe: { id: 12, name: 'Totals by day' },
    output: { id: 31 },
    person: { id: 3, name: 'Ada', email: 'ada@example.com' },
    files: [{ name: 'totals.csv', uri: 'file:///totals.csv', format: 'csv', rows: 1000, bytes: 65_536 }],
    error: null,
    links: {
      jobUrl: 'http://localhost:3005/jobs/1042',
      jobApiUrl: 'http://localhost:3005/v4/jobGroups/1042',
    },
    external: {},
    parameters: {},
    history: null,
    overdue: null,
    flowRun: null,
    ...change,
  };
}

/** Text that tries to get out of its place: quotes, escapes, line breaks, references, halves of characters. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        '$jobId',
        '$secret.key',
        '$$',
        '\n',
        '\r',
        '\0',
        '..',
        '/',
        '?',
        '#',
        'é',
        '☃',
        '\uD800',
        'a',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

const count = fc.option(fc.nat());
const named = fc.record({ id: fc.nat(), name: hostileText });
const anyJson = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;

/** Any facts, with hostile text wherever text can stand. */
export const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    job: fc.record({
      id: fc.nat(),
      name: fc.option(hostileText),
      status: fc.constantFrom('Complete', 'Failed'),
      ranFrom: fc.constantFrom('ui', 'api', 'schedule'),
      startedBy: fc.constantFrom('person', 'schedule', 'webhook', 'external'),
      startedAt: fc.constant(null),
      finishedAt: fc.constant('2026-01-02T03:04:18.178Z'),
      durationMs: count,
      rows: count,
      bytes: count,
      columns: count,
    }),
    flow: named,
    recipe: fc.option(named),
    error: fc.option(fc.record({ reason: fc.constant('sql'), message: hostileText, detail: anyJson })),
    files: fc.array(
      fc.record({
        name: hostileText,
        uri: hostileText,
        format: fc.constant('csv'),
        rows: count,
        bytes: count,
      }),
      { maxLength: 3 },
    ),
    external: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/u), anyJson, { maxKeys: 3 }),
  })
  .map((change) => makeFacts(change));
