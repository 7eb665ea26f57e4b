// The DuckDB child: answers requests of the process that forked it, and does not outlive it.
import { Socket } from 'node:net';
import { channelDescriptor, readLines, writeLine } from '../line-channel.ts';
import { readComplaint } from './complaint.ts';
import { explainRun } from './explain-run.ts';
import { runInspect } from './inspect-task.ts';
import { startGuard } from './guard.ts';
import { runPreview } from './preview-task.ts';
import type { Answer, Message, Request } from '../protocol.ts';
import { runCheck } from './query-task.ts';
import { Refused } from './refusal.ts';
import { wideOverhead, widthOf } from './session.ts';
import { runWrite } from './write-task.ts';

// A running query holds up every gentler end. A Ctrl-C goes to the whole group: its parent decides.
const channel = new Socket({ fd: channelDescriptor });
const die = (): void => void process.kill(process.pid, 'SIGKILL');
channel.once('end', die).once('close', die).once('error', die);
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
const send = (message: Message): void => writeLine(channel, message);
// Its parent says what it likes.
const bounds = { maxBytes: Infinity, burst: Infinity, perSecond: 0 };
const onLine = (line: string) => void serve(JSON.parse(line) as Request);
readLines(channel, bounds, { onLine, onBreach: die }, () => performance.now());
send({ kind: 'ready' });

async function serve(request: Request): Promise<void> {
  const done = answer(request).catch(refusal);
  send({ kind: 'answer', answer: await (request.kind === 'write' ? done : guarded(request, done)) });
}

/** Our parent ends us after an answer `out_of_memory`: the query would go on. */
async function guarded(request: Exclude<Request, { kind: 'write' }>, done: Promise<Answer>): Promise<Answer> {
  const datasets = request.kind === 'inspect' ? [] : request.query.datasets;
  const processBytes = request.limits.processBytes + wideOverhead(widthOf(datasets));
  const guard = startGuard({ processBytes, tempBytes: 0 }, null);
  const breach = guard.breach.then((failure): Answer => ({ ok: false, failure }));
  return Promise.race([done, breach]).finally(guard.stop);
}

function answer(request: Request): Promise<Answer> {
  switch (request.kind) {
    case 'check':
      return runCheck(request.query, request.limits);
    case 'preview':
      return runPreview(request);
    case 'inspect':
      return runInspect(request.request, request);
    case 'write':
      return runWrite(request, (progress) => send({ kind: 'progress', progress }));
  }
}

function refusal(error: unknown): Answer {
  if (error instanceof Refused) return { ok: false, failure: error.failure };
  const known = explainRun(readComplaint(error), []);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    ok: false,
    failure: known ?? { reason: 'crashed', message: `The engine failed: ${text}`, hint: null },
  };
}
