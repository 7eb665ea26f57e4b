// The DuckDB child: answers requests of the process that forked it, and does not outlive it.
import { readComplaint } from './complaint.ts';
import { explainRun } from './explain-run.ts';
import { runInspect } from './inspect-task.ts';
import { startGuard } from './guard.ts';
import type { Answer, Message, PoolLimits, Request } from '../protocol.ts';
import { runCheck, runPreview } from './query-task.ts';
import { Refused } from './refused.ts';
import { runWrite } from './write-task.ts';

// A running query holds up every gentler end. A Ctrl-C goes to the whole group: its parent decides.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('message', (request: Request) => void serve(request));
process.send?.({ kind: 'ready' } satisfies Message);

const send = (message: Message): void => void process.send?.(message);

async function serve(request: Request): Promise<void> {
  const done = answer(request).catch(refusal);
  send({ kind: 'answer', answer: await (request.kind === 'write' ? done : guarded(request.limits, done)) });
}

/** Our parent ends us after an answer `out_of_memory`: the query would go on. */
async function guarded({ processBytes }: PoolLimits, done: Promise<Answer>): Promise<Answer> {
  const guard = startGuard({ processBytes, tempBytes: 0 }, null);
  const breach = guard.breach.then((failure): Answer => ({ ok: false, failure }));
  return Promise.race([done, breach]).finally(guard.stop);
}

function answer(request: Request): Promise<Answer> {
  switch (request.kind) {
    case 'check':
      return runCheck(request.query, request.limits);
    case 'preview':
      return runPreview(request.query, request);
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
