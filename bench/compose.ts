// Prints the microseconds that composing one webhook request costs: without a secret, with one, and the HMACs alone.
// Run: node --conditions=flowhook-source bench/compose.ts
import { importKey, sign } from '@flowhook/signature';
import { compileTask, type TaskOfNow } from '../packages/server/src/webhooks/messages/compiled-task.ts';
import { composeRequest } from '../packages/server/src/webhooks/messages/composition.ts';
import { makeSampleFacts } from '../packages/server/src/webhooks/messages/fact.ts';
import { freezeBody } from '../packages/server/src/webhooks/messages/frozen-body.ts';
import { importNodeHmac } from '../packages/server/src/webhooks/messages/hmac.ts';
import { parseTemplate } from '../packages/server/src/webhooks/messages/template.ts';

const ROUNDS = 100_000;
const BATCHES = 5;
const TIME = 1_800_000_000_000;
const PUBLIC_ID = 'f3b1c9f2-6f0e-4f5e-9a3f-1f3f0d4b6a11';

const facts = makeSampleFacts({
  now: TIME,
  baseUrl: 'http://localhost:3005',
  flow: { id: 7, name: 'Sales' },
  recipe: { id: 12, name: 'Totals by day' },
  person: { id: 3, name: 'Ada', email: 'ada@example.com' },
});

const plain: TaskOfNow = {
  url: 'https://hooks.example.com/services/T0/B0/x',
  method: 'post',
  headers: { 'Content-Type': 'application/json', 'X-Team': 'data' },
  secretHeaders: [],
  body: '{"text":"Job $jobId has completed. Status: $jobStatus.","rows":$rows,"files":$files,"at":"$finishedAt"}',
  secretKey: null,
  secrets: {},
  sslVerification: true,
  urlSecret: false,
};
const authorized = { ...plain, headers: { ...plain.headers, Authorization: 'Bearer 6f1d8a37c2e94b50' } };

const CASES: readonly (readonly [string, TaskOfNow])[] = [
  ['no secret', plain],
  ['secret header', authorized],
  [
    'secret header, references in URL and header',
    {
      ...authorized,
      url: `${plain.url}?job=$jobId`,
      headers: { ...authorized.headers, 'X-Flow': '$flowName' },
    },
  ],
  [
    'secret header, named secret in the body',
    {
      ...authorized,
      secrets: { key: 'a1b2c3d4e5f6' },
      body: plain.body?.replace('{', '{"routing_key":"$secret.key",') ?? null,
    },
  ],
  ['secret key (with both HMACs)', { ...authorized, secretKey: 'mySecret' }],
];

for (const [name, task] of CASES) print(name, await measureCompose(task));
print('both HMACs alone', await measureSign());

async function measureCompose(task: TaskOfNow): Promise<number> {
  const compiled = await compileTask(task, { version: '0.1.0', importHmac: importNodeHmac });
  const frozen = freezeBody(parseTemplate(task.body ?? ''), facts);
  if (!compiled.ok || !frozen.ok) throw new Error('The task of this measurement is broken.');
  const delivery = {
    publicId: PUBLIC_ID,
    body: frozen.body,
    facts,
    eventKind: 'job.success',
    hop: 1,
    time: TIME,
  } as const;
  return measure((attempt) => composeRequest(compiled.task, { ...delivery, attempt }));
}

async function measureSign(): Promise<number> {
  const key = await importKey('mySecret', importNodeHmac);
  const body = new Uint8Array(300);
  return measure((attempt) =>
    sign(key, { method: 'post', url: plain.url, body }, { deliveryId: PUBLIC_ID, time: TIME + attempt }),
  );
}

/** Microseconds of one call, in the best of the batches: the others say what else the machine was doing. */
async function measure(call: (attempt: number) => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const start = performance.now();
    for (let attempt = 1; attempt <= ROUNDS; attempt += 1) await call(attempt);
    best = Math.min(best, ((performance.now() - start) * 1000) / ROUNDS);
  }
  return best;
}

function print(name: string, microseconds: number): void {
  process.stdout.write(`${name.padEnd(46)} ${microseconds.toFixed(2).padStart(7)} µs\n`);
}
