// Preloaded into the process of a server: ends it when it works on what is marked, at the stage that a file names.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { crashFileVariable, crashMark, type CrashStage } from './crash-stage.ts';

const file = process.env[crashFileVariable] ?? '';

/** Where the program's text gets a call of `reach`. */
const places: readonly { readonly file: string; readonly text: string; readonly with: string }[] = [
  {
    file: '/messages/composition.ts',
    text: 'export async function composeRequest(',
    with: `export async function composeRequest(...given: any[]): Promise<any> {
      (globalThis as any).reach('compose', given[1]);
      return (composeMarked as any)(...given);
    }
    async function composeMarked(`,
  },
  {
    file: '/deliveries/attempt.ts',
    text: 'const result = await options.sender.send(composition.request);',
    with: `(globalThis as any).reach('send', composition.request);
      const result = await options.sender.send(composition.request);
      (globalThis as any).reach('answer', composition.request);`,
  },
  {
    file: '/deliveries/delivery-settle.ts',
    text: 'const decided = attempts.map(',
    with: `(globalThis as any).reach('settle', attempts);
      const decided = attempts.map(`,
  },
  {
    file: '/events/decision.ts',
    text: 'findAbsence(task, event) ??',
    with: `((globalThis as any).reach('decide', event.setAside ? null : event), null) ??
      findAbsence(task, event) ??`,
  },
  {
    file: '/schedules/firing.ts',
    text: 'const decided = claimed.map(',
    with: `(globalThis as any).reach('fire', claimed);
      const decided = claimed.map(`,
  },
  {
    file: '/api/idempotency.ts',
    text: 'await takePlace(tx, now(), place, JSON.stringify(made));',
    with: `await takePlace(tx, now(), place, JSON.stringify(made));
      (globalThis as any).reach('keeping', place);`,
  },
  {
    file: '/api/idempotency.ts',
    text: 'const value = await making.show(made, input);',
    with: `(globalThis as any).reach('kept', place);
      const value = await making.show(made, input);`,
  },
  {
    file: '/api/idempotency.ts',
    text: 'return { status: place.status, value };',
    with: `(globalThis as any).reach('replied', place);
      return { status: place.status, value };`,
  },
  {
    file: '/document/put-document.ts',
    text: 'const warnings = await writeTasks(tx,',
    with: `(globalThis as any).reach('graph', prepared.plan.document.description);
      const warnings = await writeTasks(tx,`,
  },
  {
    file: '/document/put-document.ts',
    text: 'await writeSchedule(tx,',
    with: `(globalThis as any).reach('tasks', prepared.plan.document.description);
      await writeSchedule(tx,`,
  },
  {
    file: '/document/put-document.ts',
    text: 'const kept = await context.keep(tx, result);',
    with: `const kept = await context.keep(tx, result);
      (globalThis as any).reach('whole', request.document.description);`,
  },
  {
    file: '/document/put-document.ts',
    text: "if (result !== 'outdated')",
    with: `(globalThis as any).reach('committed', request.document.description);
      if (result !== 'outdated')`,
  },
];

function reach(stage: CrashStage, what: unknown): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== stage || !holdsMark(what)) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing more happens here.
  for (;;);
}

function holdsMark(what: unknown): boolean {
  const text = JSON.stringify(what ?? null, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  return text.includes(crashMark);
}

Object.assign(globalThis, { reach });
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = places.filter((one) => url.endsWith(one.file));
    if (here.length === 0) return loaded;
    const { source: raw } = loaded;
    let source = typeof raw === 'string' ? raw : Buffer.from(raw as Uint8Array).toString();
    for (const place of here) {
      if (!source.includes(place.text)) throw new Error(`${url} has no place for the hook: ${place.text}`);
      source = source.replace(place.text, place.with);
    }
    return { ...loaded, source };
  },
});
