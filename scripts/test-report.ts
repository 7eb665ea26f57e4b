// The report of a test run: a line for each file, whatever failed in full, and the counts at the end.
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
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
  /** What each file printed: shown where a test of it failed. */
  readonly printed: Map<string, string>;
  failedBefore: number;
}

type Failure = EventData.TestFail;

/** A reporter for node:test's stream of events. */
export function reportTests(options: ReportOptions) {
  return async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
    const progress: Progress = { names: [], failures: [], printed: new Map(), failedBefore: 0 };
    for await (const event of events) yield describe(event, progress, options);
  };
}

function describe(event: TestEvent, progress: Progress, options: ReportOptions): string {
  // What else there is tells nothing that a reader of the report misses.
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (event.type) {
    case 'test:start':
      progress.names.splice(event.data.nesting, Infinity, event.data.name);
      return '';
    case 'test:stdout':
    case 'test:stderr':
      keepPrinted(event.data, progress);
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

function keepPrinted({ file, message }: { file?: string; message: string }, { printed }: Progress): void {
  const name = file ?? '';
  printed.set(name, (printed.get(name) ?? '') + message);
}

function describeFailure(data: Failure, progress: Progress, options: ReportOptions): string {
  const { error } = data.details;
  if ('failureType' in error && error.failureType === 'subtestsFailed') return '';
  const text =
    data.name === data.file
      ? describeFileFailure(data, progress, options)
      : describeTestFailure(data, progress, options);
  progress.failures.push(text);
  return text;
}

function describeTestFailure(data: Failure, { names }: Progress, { nameOf }: ReportOptions): string {
  const { error } = data.details;
  const place = data.file === undefined ? '' : `${nameOf(data.file)}:${data.line ?? ''}`;
  const path = [...names.slice(0, data.nesting), data.name].join(' > ');
  return `✖ ${path}\n  ${place}\n${indent(inspect(error.cause instanceof Error ? error.cause : error))}\n`;
}

/** The process of a file ended badly, or was ended: what it printed says why. */
function describeFileFailure(data: Failure, { printed }: Progress, { nameOf }: ReportOptions): string {
  const file = data.file ?? '';
  const { message } = data.details.error;
  const text = printed.get(file) ?? 'It printed nothing.';
  printed.delete(file);
  return `✖ ${nameOf(file)} as a whole: ${message}\n${indent(text)}\n`;
}

type Summary = EventData.TestSummary;

function describeFile(summary: Summary, path: string, progress: Progress, options: ReportOptions): string {
  const { printed, failedBefore, failures } = progress;
  const text = printed.get(path) ?? '';
  printed.delete(path);
  progress.failedBefore = failures.length;
  const { counts, success, duration_ms } = summary;
  const left = counts.skipped > 0 ? `, ${counts.skipped} left out` : '';
  const line = `${success ? '✔' : '✖'} ${options.nameOf(path)}: ${counts.passed} of ${counts.tests} passed${left} (${describeTime(duration_ms)})\n`;
  return failures.length > failedBefore && text !== '' ? `${line}  It printed:\n${indent(text)}\n` : line;
}

/** The closing lines are worded as node's own TAP reporter has them. */
function describeEnd({ counts, duration_ms }: Summary, { failures }: Progress): string {
  const rows = {
    tests: counts.tests,
    suites: counts.suites,
    pass: counts.passed,
    fail: counts.tests - counts.passed - counts.cancelled - counts.skipped - counts.todo,
    cancelled: counts.cancelled,
    skipped: counts.skipped,
    todo: counts.todo,
    duration_ms: Math.round(duration_ms),
  };
  const lines = Object.entries(rows).map(([name, value]) => `# ${name} ${value}\n`);
  const again = failures.length > 0 ? `\nFailed, once more:\n\n${failures.join('\n')}` : '';
  return `${again}\n${lines.join('')}`;
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
