// The report of a test run: a line for each file, whatever failed in full, and the counts at the end.
import type { EventData, TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

interface ReportOptions {
  /** A file as people call it. */
  nameOf(path: string): string;
  /** Also names each test that passed. */
  readonly everyTest: boolean;
}

interface Progress {
  /** The names of the test that runs and of the suites around it. */
  readonly names: string[];
  readonly failures: string[];
  /** What a file printed: shown where a test of it failed. */
  printed: string;
  failedBefore: number;
}

type Failure = EventData.TestFail;

/** A reporter for node:test's stream of events. */
export function reportTests(options: ReportOptions) {
  return async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
    const progress: Progress = { names: [], failures: [], printed: '', failedBefore: 0 };
    for await (const event of events) yield describe(event, progress, options);
  };
}

function describe(event: TestEvent, progress: Progress, options: ReportOptions): string {
  switch (event.type) {
    case 'test:start':
      progress.names.splice(event.data.nesting, Infinity, event.data.name);
      return '';
    case 'test:stdout':
    case 'test:stderr':
      progress.printed += event.data.message;
      return '';
    case 'test:pass':
      return options.everyTest ? describePass(event.data) : '';
    case 'test:fail':
      return describeFailure(event.data, progress, options);
    case 'test:summary':
      return event.data.file === undefined
        ? describeEnd(event.data, progress)
        : describeFile(event.data, event.data.file, progress, options);
    default:
      return '';
  }
}

function describePass({ nesting, name, details, skip }: EventData.TestPass): string {
  const mark = skip === undefined || skip === false ? '✔' : '-';
  const why = typeof skip === 'string' ? ` # ${skip}` : '';
  return `${'  '.repeat(nesting + 1)}${mark} ${name}${why} (${describeTime(details.duration_ms)})\n`;
}

function describeFailure(data: Failure, progress: Progress, options: ReportOptions): string {
  const { error } = data.details;
  if ('failureType' in error && error.failureType === 'subtestsFailed') return '';
  const place =
    data.file === undefined ? '' : `${options.nameOf(data.file)}${data.line ? `:${data.line}` : ''}`;
  const names = [...progress.names.slice(0, data.nesting), data.name].join(' > ');
  const cause = error.cause instanceof Error ? error.cause : error;
  const text = `✖ ${names === data.file ? 'the file as a whole' : names}\n  ${place}\n${indent(inspect(cause))}\n`;
  progress.failures.push(text);
  return text;
}

type Summary = EventData.TestSummary;

function describeFile(summary: Summary, path: string, progress: Progress, options: ReportOptions): string {
  const { printed, failedBefore, failures } = progress;
  progress.printed = '';
  progress.failedBefore = failures.length;
  const { counts, success, duration_ms } = summary;
  const left = counts.skipped > 0 ? `, ${counts.skipped} left out` : '';
  const line = `${success ? '✔' : '✖'} ${options.nameOf(path)}: ${counts.passed} of ${counts.tests} passed${left} (${describeTime(duration_ms)})\n`;
  return failures.length > failedBefore && printed !== ''
    ? `${line}  It printed:\n${indent(printed)}\n`
    : line;
}

/** The closing lines are worded as node's own TAP reporter has them. */
function describeEnd({ counts, duration_ms }: Summary, { failures, printed }: Progress): string {
  const failed = counts.tests - counts.passed - counts.cancelled - counts.skipped - counts.todo;
  const rows = {
    tests: counts.tests,
    suites: counts.suites,
    pass: counts.passed,
    fail: failed,
    cancelled: counts.cancelled,
    skipped: counts.skipped,
    todo: counts.todo,
    duration_ms: Math.round(duration_ms),
  };
  const lines = Object.entries(rows).map(([name, value]) => `# ${name} ${value}\n`);
  const again = failures.length > 0 ? `\nFailed, once more:\n\n${failures.join('\n')}` : '';
  const rest =
    failures.length > 0 && printed !== '' ? `\nPrinted outside of any test:\n${indent(printed)}\n` : '';
  return `${again}${rest}\n${lines.join('')}`;
}

function describeTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
