// The backtest of a webhook task, in its editor.
export const backtestText = {
  title: 'Backtest',
  help: 'Looks at what has happened in this flow and tells how often the task, as it stands here, would have fired. Nothing is sent or saved.',
  span: 'Looking back over',
  lastDays: (days: number) => `the last ${days} days`,
  start: 'Look back',
  wouldFire: (written: string, count: number, days: number) =>
    `Would have fired ${count === 1 ? 'once' : `${written} times`} in ${days} days`,
  noEvents: 'Nothing has happened in this flow in that time that the task could wait for.',
  looked: (written: string, count: number) =>
    count === 1 ? '1 event was looked at.' : `${written} events were looked at.`,
  truncated: 'There were more: the newest were looked at.',
  old: 'The fields have changed since: look back again.',
  invalidBodies: (written: string, count: number) =>
    count === 1
      ? '1 body would not have been valid JSON'
      : `${written} bodies would not have been valid JSON`,
  invalidHelp: 'Look at the rows that are marked below: what was filled in does not fit there.',
  invalidBody: 'No valid JSON',
  asThen: 'It would have fired for just what it really fired for.',
  compared: (both: string, onlyNow: string, onlyThen: string) =>
    `Against what it really fired for: ${both} the same, ${onlyNow} more, ${onlyThen} fewer.`,
  firings: 'What it would have fired for',
  when: 'When',
  why: 'Why',
  job: (id: number) => `Job ${id}`,
  showAll: (count: number) => `Show all ${count}`,
  newestOnly: (count: number) => `These are the newest ${count}.`,
  notFired: 'Would not have fired',
  notFiredBecause: (count: string, reason: string) => `${count} × ${reason}`,
} as const;
