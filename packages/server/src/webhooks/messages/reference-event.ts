// Pure: the references beyond a job itself: what came before it, what is overdue, the flow run.
import type { Facts, JsonValue } from './fact.ts';

export interface Reference {
  /** Without the `$`. */
  readonly name: string;
  /** What stands in a JSON body outside quotes; in text, text stands as it is, null as nothing, the rest as JSON. */
  readonly kind: 'text' | 'number' | 'json';
  /** One sentence for the documentation. */
  readonly description: string;
  readonly example: JsonValue;
  readonly read: (facts: Facts) => JsonValue;
}

export const eventReferences: readonly Reference[] = [
  {
    name: 'columns',
    kind: 'number',
    description: 'Columns of the output; null where nobody counted.',
    example: 4,
    read: (facts) => facts.job?.columns ?? null,
  },
  {
    name: 'rejectedRows',
    kind: 'number',
    description: 'Rows of the inputs that did not fit and were left out; null where no dataset lets rows go.',
    example: 3,
    read: (facts) => facts.job?.rejectedRows ?? null,
  },
  {
    name: 'rejectedPercent',
    kind: 'number',
    description: 'The same in per cent of all rows of those inputs, to a hundredth.',
    example: 0.25,
    read: (facts) => facts.job?.rejectedPercent ?? null,
  },
  {
    name: 'previousRows',
    kind: 'number',
    description:
      'Rows of the last job of the same output that succeeded before this one; null where there is none.',
    example: 900,
    read: (facts) => facts.history?.previous?.rows ?? null,
  },
  {
    name: 'previousColumns',
    kind: 'number',
    description: 'Columns of that job.',
    example: 4,
    read: (facts) => facts.history?.previous?.columns ?? null,
  },
  {
    name: 'previousJobId',
    kind: 'number',
    description: 'The id of that job.',
    example: 1041,
    read: (facts) => facts.history?.previous?.jobId ?? null,
  },
  {
    name: 'rowsChange',
    kind: 'number',
    description:
      'The change of the rows against that job in per cent, to a tenth; null where there is nothing to compare.',
    example: 11.1,
    read: (facts) => readChange(facts),
  },
  {
    name: 'failuresInRow',
    kind: 'number',
    description: 'Failures of the same output in a row up to this job; of a success, those just before it.',
    example: 2,
    read: (facts) => facts.history?.failuresInRow ?? null,
  },
  {
    name: 'overdueSince',
    kind: 'text',
    description:
      'When the output that is overdue was last refreshed (ISO 8601, UTC); null where it never was.',
    example: '2026-01-01T03:00:12.000Z',
    read: (facts) => facts.overdue?.since ?? null,
  },
  {
    name: 'overdueAt',
    kind: 'text',
    description: 'The time by which it should have been refreshed (ISO 8601, UTC).',
    example: '2026-01-02T03:00:00.000Z',
    read: (facts) => facts.overdue?.dueAt ?? null,
  },
  {
    name: 'overdueRecipes',
    kind: 'json',
    description: 'The recipes whose outputs are overdue, as a JSON array of objects with id and name.',
    example: [{ id: 12, name: 'Totals by day' }],
    read: (facts) => (facts.overdue?.recipes ?? null) as JsonValue,
  },
  {
    name: 'flowRunId',
    kind: 'number',
    description: 'The id of the flow run that ended; null for other events.',
    example: 88,
    read: (facts) => facts.flowRun?.id ?? null,
  },
  {
    name: 'flowRunStatus',
    kind: 'text',
    description: 'Its status: Complete, Failed or Canceled.',
    example: 'Complete',
    read: (facts) => facts.flowRun?.status ?? null,
  },
  {
    name: 'flowRunJobs',
    kind: 'json',
    description: 'Its jobs, as a JSON array of objects with id, status, recipe and rows.',
    example: [{ id: 1042, status: 'Complete', recipe: { id: 12, name: 'Totals by day' }, rows: 1000 }],
    read: (facts) => (facts.flowRun?.jobs ?? null) as JsonValue,
  },
];

function readChange({ job, history }: Facts): number | null {
  const before = history?.previous?.rows ?? null;
  const now = job?.rows ?? null;
  if (before === null || now === null || (before === 0 && now > 0)) return null;
  return Math.round(changeInPercent(before, now) * 10) / 10;
}

/** From 0 to anything is a change without bound. */
export function changeInPercent(before: number, now: number): number {
  if (now === before) return 0;
  return before === 0 ? Number.POSITIVE_INFINITY : ((now - before) / before) * 100;
}
