// The text of a package, read off the main thread: JSON of 48 MB takes seconds, in which nobody else would be answered.
import { Worker } from 'node:worker_threads';
import { Problem } from '../base/error.ts';
import { readPackageText } from './package-text.ts';
import type { PackageAnswer, PackageWork } from './package-worker.ts';

/** Characters that are read at once: a thread costs 50 ms to start, and JSON5 takes 15 ms for so many. */
const smallText = 64 * 1024;
const maxMs = 30_000;
/** MiB. A document of 48 MB of the smallest values becomes some 400. */
const maxMemory = 512;

const workerFile = new URL(
  `./package-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

let last: Promise<unknown> = Promise.resolve();

/** What the document says. Large ones are read one after the other, so that their memory has a bound. */
export function readPackageAside(work: PackageWork): Promise<unknown> {
  if (work.text.length <= smallText) return Promise.resolve(readPackageText(work.text, work.field));
  const turn = last.then(() => readInThread(work));
  last = turn.catch(() => undefined);
  return turn;
}

async function readInThread(work: PackageWork): Promise<unknown> {
  const worker = new Worker(workerFile, {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: maxMemory },
  });
  const timer = setTimeout(() => void worker.terminate(), maxMs);
  try {
    return open(await waitForAnswer(worker));
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function waitForAnswer(worker: Worker): Promise<PackageAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PackageAnswer>();
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) =>
    reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error),
  );
  worker.once('exit', () => reject(tooMuch()));
  return promise;
}

function tooMuch(): Problem {
  return new Problem(
    'too_large',
    'The package’s document takes too long or too much memory to read: export its flows one by one.',
  );
}

function open(answer: PackageAnswer): unknown {
  if ('value' in answer) return answer.value;
  const { code, message, errors, more } = answer.fault;
  throw new Problem(code, message, errors, more);
}
