// What every engine owes a job that ends otherwise: cancel, time limit, close, the server's death.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import type { Handle } from '../src/engine/engine.ts';
import { complete, endless, failed, type Bench } from './engine-fixture.ts';
import { until } from './wait.ts';
import { isEmpty, planIn, type World } from './engine-world.ts';
import { nodeFlags } from './node-flag.ts';

/** Some seconds of work on one core. */
const slow = 'SELECT sum(hash(range) % 7) AS s, count(*) AS n FROM range(150000000)';

/** A cancel takes less than so many runs of next to nothing, process and all: it does not wait for the query. */
const fewRuns = 8;

async function timeShortRun(world: World): Promise<number> {
  const began = performance.now();
  complete(await world.engine.write(planIn(world, 'SELECT 1 AS a')));
  return performance.now() - began;
}

export function endingRules(world: World): void {
  void it('ends a run when its signal aborts, sooner than it does a few short ones', async () => {
    const short = await timeShortRun(world);
    const stop = new AbortController();
    const plan = planIn(world, endless);
    const { promise: started, resolve } = Promise.withResolvers<void>();
    const running = world.engine.write(plan, { signal: stop.signal, onProgress: () => resolve() });
    await started;
    const begun = performance.now();
    stop.abort();
    assert.deepEqual(await running, { state: 'canceled' });
    assert.ok(performance.now() - begun < fewRuns * short);
    assert.ok(await isEmpty(plan));
  });

  void it('ends a run by its handle, and does not mind an unknown one', async () => {
    const short = await timeShortRun(world);
    const plan = planIn(world, endless);
    const { promise: handled, resolve } = Promise.withResolvers<Handle>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const running = world.engine.write(plan, { onHandle: resolve, onProgress: () => start() });
    const handle = await handled;
    await started;
    const begun = performance.now();
    await world.engine.cancel(handle);
    assert.ok(performance.now() - begun < fewRuns * short);
    assert.deepEqual(await running, { state: 'canceled' });
    assert.ok(await isEmpty(plan));
    await world.engine.cancel({ ...handle, operationId: '00000000-0000-0000-0000-000000000000' });
  });

  void it('ends a run at its time limit', async () => {
    const plan = planIn(world, endless, { limits: { timeMs: 1_500 } });
    const failure = failed(await world.engine.write(plan));
    assert.equal(failure.reason, 'time_limit');
    assert.ok(await isEmpty(plan));
  });

  void it('lets two watch one run, and knows nothing of a run that never was', async () => {
    const { promise: handled, resolve } = Promise.withResolvers<Handle>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const running = world.engine.write(planIn(world, slow), {
      onHandle: resolve,
      onProgress: () => start(),
    });
    const handle = await handled;
    await started;
    assert.deepEqual(await world.engine.attach(handle), await running);
    const unknown = { ...handle, operationId: '00000000-0000-0000-0000-000000000000' };
    assert.deepEqual(await world.engine.attach(unknown), { state: 'gone' });
  });

  void it('says when it is closed what became of a run', async () => {
    const other = world.make(world.bench.folder);
    const plan = planIn(world, endless, { limits: { timeMs: 20_000 } });
    const { promise: handled, resolve } = Promise.withResolvers<Handle>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const running = other.write(plan, { onHandle: resolve, onProgress: () => start() });
    const handle = await handled;
    await started;
    await other.close();
    assert.deepEqual(await running, { state: world.survives ? 'detached' : 'gone' });
    await world.engine.cancel(handle);
    assert.ok(await isEmpty(plan));
  });

  void it('begins nothing once it is closed: nobody would end it', async () => {
    const other = world.make(world.bench.folder);
    const plan = planIn(world, endless, { limits: { timeMs: 20_000 } });
    assert.deepEqual(await other.write(plan, { onHandle: () => other.close() }), { state: 'gone' });
    assert.ok(await isEmpty(plan));
  });

  void it(
    world.survives ? 'takes up a run whose server was killed' : 'knows that a run died with its server',
    async () => {
      const plan = planIn(world, slow);
      const planFile = await world.bench.file(`ending-plan.json`, JSON.stringify(plan));
      const handle = await killOwner(world.bench, world.maker, planFile);
      const next = world.make(world.bench.folder);
      const result = await next.attach(handle);
      if (!world.survives) assert.deepEqual(result, { state: 'gone' });
      else
        assert.deepEqual(
          complete(result).files.map(({ path }) => path),
          ['out.csv'],
        );
      const again = world.survives ? result : await next.write(plan);
      assert.equal(complete(again).rows, 1);
      assert.match(readFileSync(`${plan.folder}/out.csv`, 'utf8'), /^s,n\n\d+,150000000\n$/);
      await until(async () => (await readdir(plan.folder)).length === 1);
      await next.close();
    },
  );
}

/** Starts a process that owns an engine, kills it once its run is under way, gives the run's handle. */
async function killOwner(bench: Bench, maker: string, planFile: string): Promise<Handle> {
  const files = ['./engine-owner.ts', './engine-maker.ts'].map(
    (name) => new URL(name, import.meta.url).pathname,
  );
  const args = [...nodeFlags, files[0] ?? '', files[1] ?? '', maker, bench.folder, planFile];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let handle: Handle | null = null;
  for await (const line of createInterface({ input: owner.stdout })) {
    if (line.startsWith('handle ')) handle = JSON.parse(line.slice(7)) as Handle;
    if (line.startsWith('progress ')) break;
  }
  owner.kill('SIGKILL');
  await new Promise((resolve) => owner.once('exit', resolve));
  if (handle === null) throw new Error('the owner never gave a handle');
  return handle;
}
