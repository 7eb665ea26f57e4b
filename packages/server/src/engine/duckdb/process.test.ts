// The children as processes: one that dies harms nobody, none outlives its parent, none sees our environment.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import {
  complete,
  endless,
  failed,
  isAlive,
  makeBench,
  makePlan,
  makeQuery,
  type Bench,
} from '../../../test/engine-fixture.ts';
import { until } from '../../../test/wait.ts';
import { nodeFlags } from '../../../test/node-flag.ts';
import type { Progress } from '../engine.ts';
import { createDuckDbEngine, type DuckDbEngine } from './duckdb-engine.ts';

void describe('DuckDB children', () => {
  let bench: Bench;
  let engine: DuckDbEngine;

  before(async () => {
    bench = await makeBench();
    engine = createDuckDbEngine({
      walls: bench.walls,
      scratchFolder: `${bench.folder}/scratch`,
      poolSize: 1,
    });
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  void it('start only when there is work, serve one after the other, and go when idle', async () => {
    const short = createDuckDbEngine({
      walls: bench.walls,
      scratchFolder: `${bench.folder}/idle`,
      idleMs: 200,
      poolSize: 1,
    });
    assert.deepEqual(short.pids(), []);
    const asked = [1, 2, 3, 4].map((n) =>
      short.preview(makeQuery(`SELECT ${n} AS n`), { asker: 1, limit: 1 }),
    );
    const answers = await Promise.all(asked);
    assert.deepEqual(
      answers.map((answer) => answer.ok && answer.rows[0]?.[0]),
      [1, 2, 3, 4],
    );
    assert.equal(short.pids().length, 1);
    await until(() => short.pids().length === 0);
    assert.deepEqual(await readdir(`${bench.folder}/idle`), []);
    await short.close();
  });

  void it('killed in the middle of a preview: that one says crashed, the next is served', async () => {
    const lost = engine.preview(makeQuery(endless), { asker: 1, limit: 1 });
    await until(() => engine.pids().length === 1);
    process.kill(engine.pids()[0] ?? 0, 'SIGKILL');
    const answer = await lost;
    assert.ok(!answer.ok && answer.failure.reason === 'crashed');
    assert.match(answer.failure.hint ?? '', /memory/);
    const next = await engine.check(makeQuery('SELECT 1 AS a'), { asker: 1 });
    assert.ok(next.ok);
  });

  void it('killed in the middle of a job: it failed as crashed and left nothing', async () => {
    const plan = makePlan(bench, endless, []);
    const { promise: started, resolve } = Promise.withResolvers<Progress>();
    const before = new Set(engine.pids());
    const running = engine.write(plan, { onProgress: resolve });
    await started;
    const child = engine.pids().find((pid) => !before.has(pid));
    process.kill(child ?? 0, 'SIGKILL');
    assert.equal(failed(await running).reason, 'crashed');
    assert.deepEqual(await readdir(plan.folder), []);
    complete(await engine.write({ ...plan, ...makePlan(bench, 'SELECT 1 AS a', []) }));
  });

  void it('canceled while waiting for a place: none is taken', async () => {
    const stop = new AbortController();
    const first = engine.preview(makeQuery(endless), { asker: 1, limit: 1, signal: stop.signal });
    stop.abort();
    const answer = await first;
    assert.ok(!answer.ok && answer.failure.reason === 'canceled');
  });

  void it('leave folders behind when all is killed, which the next start takes away', async () => {
    const scratchFolder = `${bench.folder}/left`;
    await mkdir(`${scratchFolder}/old/in`, { recursive: true });
    await mkdir(`${scratchFolder}/young`);
    await utimes(`${scratchFolder}/old`, 0, 0);
    await createDuckDbEngine({ walls: bench.walls, scratchFolder }).close();
    assert.deepEqual(await readdir(scratchFolder), ['young']);
  });

  void it('know nothing of our environment', async () => {
    process.env['FLOWHOOK_TEST_SECRET'] = 'seen';
    await engine.check(makeQuery('SELECT 1 AS a'), { asker: 1 });
    const [pid] = engine.pids();
    delete process.env['FLOWHOOK_TEST_SECRET'];
    assert.ok(pid !== undefined);
    assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), /SECRET|PATH=|HOME=/);
  });

  void it('die within a second of their parent, in the middle of a long query', async () => {
    const plan = makePlan(bench, endless, [], { folder: `${bench.folder}/orphan` });
    const planFile = await bench.file('orphan.json', JSON.stringify(plan));
    const { owner, pids } = await startOwner(bench, planFile);
    assert.ok(pids.length > 0 && pids.every(isAlive));
    owner.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
    assert.ok(!existsSync(`${plan.folder}/out.csv`));
  });
});

/** A process of its own with a run under way, and the children it has. */
async function startOwner(bench: Bench, planFile: string) {
  const test = new URL('../../../test/', import.meta.url).pathname;
  const args = [`${test}engine-owner.ts`, `${test}engine-maker.ts`, 'makeDuckDb', bench.folder, planFile];
  const owner = spawn(process.execPath, [...nodeFlags, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: owner.stdout }))
    if (line.startsWith('progress ')) {
      const { pids } = JSON.parse(line.slice(9)) as { pids: number[] };
      return { owner, pids };
    }
  throw new Error('the owner ended early');
}
