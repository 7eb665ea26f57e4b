// What a webhook task waits for beyond the plain end of a job: in the editor, and in a line.
import type { WebhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import type { triggerEvents } from '@flowhook/contract/webhook/trigger';

type Kind = WebhookCondition['kind'];
type ConditionOf<Of extends Kind> = Extract<WebhookCondition, { kind: Of }>;

/** How a line says numbers, and the trigger event that it is about. */
interface Saying {
  readonly event: (typeof triggerEvents)[number];
  span(seconds: number): string;
  amount(value: number): string;
  ordinal(count: number): string;
}

const longer = {
  onJobSuccess: (span: string) => `When a job succeeds that took longer than ${span}`,
  onJobFailure: (span: string) => `When a job fails that took longer than ${span}`,
  onJobDone: (span: string) => `When a job took longer than ${span}`,
};

const changes = {
  either: (of: string, percent: string) => `When the ${of} change by more than ${percent} %`,
  up: (of: string, percent: string) => `When the ${of} grow by more than ${percent} %`,
  down: (of: string, percent: string) => `When the ${of} shrink by more than ${percent} %`,
};

const flowRunEvent = {
  onJobSuccess: 'When a flow run succeeds',
  onJobFailure: 'When a flow run fails',
  onJobDone: 'When a flow run ends either way',
};

type Line<Of extends WebhookCondition> = (condition: Of, saying: Saying) => string;

/** When a task of such a condition fires, in a line. */
const lines: { readonly [Of in Kind]: Line<ConditionOf<Of>> } = {
  recovered: () => 'When a job succeeds after a failure',
  failuresInRow: ({ count, andFurther }, { ordinal }) =>
    `At the ${ordinal(count)} failure in a row${andFurther ? ' and each one after it' : ''}`,
  longerThan: ({ seconds, whileRunning }, { event, span }) =>
    whileRunning ? `When a job still runs after ${span(seconds)}` : longer[event](span(seconds)),
  notRefreshedBy: ({ cron, timezone }) => `When there is no success by ${cron} (${timezone})`,
  notRefreshedWithin: ({ seconds }, { span }) => `When there is no success for ${span(seconds)}`,
  changed: ({ of, percent, direction }, { amount }) => changes[direction](of, amount(percent)),
  rowsOutside: ({ min, max }, { amount }) => {
    if (max === null) return `When the number of rows is below ${amount(min ?? 0)}`;
    if (min === null) return `When the number of rows is above ${amount(max)}`;
    return `When the number of rows is below ${amount(min)} or above ${amount(max)}`;
  },
  rowsRejected: ({ above, unit }, { amount }) =>
    `When more than ${amount(above)} ${unit === 'rows' ? 'rows' : '% of the rows'} were rejected`,
  flowRunEnded: (_, { event }) => flowRunEvent[event],
};

const kinds = {
  '': 'The end of a job',
  recovered: 'A success after a failure',
  failuresInRow: 'Failures in a row',
  longerThan: 'A job that takes long',
  notRefreshedBy: 'An output that is not refreshed by a time',
  notRefreshedWithin: 'An output that is not refreshed for long',
  changed: 'Rows or columns that change much',
  rowsOutside: 'A number of rows out of bounds',
  rowsRejected: 'Rows that were rejected',
  flowRunEnded: 'The end of a flow run',
} as const satisfies Record<Kind | '', string>;

const help = {
  '': 'Fires once for each job, when it ends.',
  recovered: 'Fires at the first success of an output after it has failed.',
  failuresInRow: 'Fires when an output has failed so many times without a success in between.',
  longerThan: 'Fires for a job that takes longer than this.',
  notRefreshedBy:
    'Fires at a time of the expression where there was no success since the time before it; also where no job ran at all.',
  notRefreshedWithin:
    'Fires when there was no success for that long, and again each time that long has passed.',
  changed: 'Compares a success with the last one of the same output before it.',
  rowsOutside: 'Fires when a job wrote fewer or more rows than this.',
  rowsRejected: 'Fires when a job left out more rows of its inputs than this, as their datasets allow.',
  flowRunEnded: 'Fires once when all outputs that were run together are done.',
} as const satisfies Record<Kind | '', string>;

export const conditionText = {
  label: 'What it waits for',
  kinds,
  help,
  compared:
    'Jobs are compared with jobs of the same output. A canceled job counts neither as a success nor as a failure.',
  count: 'How many failures',
  andFurther: 'At every further failure too',
  seconds: 'Longer than',
  whileRunning: 'While it still runs',
  whileRunningHelp: 'Fires as soon as it takes longer, and not again at its end.',
  cron: 'By the times of (cron expression)',
  cronHelp: 'Minute, hour, day, month, day of week: 0 7 * * * is each day at seven.',
  timezone: 'Time zone',
  nextTimes: (times: string) => `Next: ${times}.`,
  noTimes: 'This gives no times yet.',
  within: 'Not refreshed for',
  above: 'More than',
  unit: 'Counted in',
  units: { rows: 'Rows', percent: 'Per cent' },
  of: 'What is compared',
  ofs: { rows: 'Rows', columns: 'Columns' },
  direction: 'Which way',
  directions: { either: 'Up or down', up: 'Up', down: 'Down' },
  percent: 'By more than, in per cent',
  min: 'Fewer than',
  max: 'More than',
  bound: 'Leave one side empty where it has no bound.',
  noBound: 'Give a bound on one side at least.',
  watched: {
    jobEnd: { label: 'Which jobs', any: 'Any job of the flow', some: 'Jobs of chosen outputs' },
    deadline: {
      label: 'What must be refreshed',
      any: 'The flow: a success of any of its jobs',
      some: 'Chosen outputs: each of them',
    },
    flowRunEnd: {
      label: 'Which flow runs',
      any: 'Any run of the flow',
      some: 'Runs that had one of the chosen outputs',
    },
  },
  flowRunEvent,
  describe: (condition: WebhookCondition, saying: Saying) =>
    (lines[condition.kind] as Line<never>)(condition as never, saying),
  line: {
    watchesRuns: 'any run of the flow',
    watchesRunsOf: (names: string) => `runs of ${names}`,
    watchesFlow: 'the flow as a whole',
    watchesOutputs: (names: string) => `outputs of ${names}`,
  },
} as const;
