// flowhook exec with real processes: what passes through, what is told, and what is never lost.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { makeProcessWorld, type ProcessWorld, type Running } from '../../test/process-world.ts';
import { until } from '../../test/wait.ts';

const slow = 30_000;

describe('flowhook exec', () => {
  let world: ProcessWorld;
  /** Jobs that were there before a test. */
  let known: number;
  let spool: string;
  let tests = 0;
  before(async () => {
    world = await makeProcessWorld();
  });
  after(() => world.close());
  beforeEach(async () => {
    spool = `s${(tests += 1)}`;
    known = (await world.jobs()).length;
  });

  const run = (
    args: readonly string[],
    options: Parameters<ProcessWorld['exec']>[2] = {},
    flow = 'Nightly',
  ) => world.exec(spool, ['--flow', flow, ...args], options);
  const sh = (text: string) => ['--', 'sh', '-c', text];
  const newJobs = async () => (await world.jobs()).slice(known);
  const log = async (id: number) => (await world.client.send('GET', `/v4/jobGroups/${id}/logs`)).text;
  const untilTold = (id: number, status: string) =>
    until(() => world.told.includes(`${id} ${status}`), `the webhook of job ${id}`, slow);
  const says = (running: Running, text: RegExp | string) =>
    until(() => running.err().search(text) !== -1, `it says ${String(text)}: ${running.err()}`, slow);
  async function kill9({ child, ended }: Running): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  it('passes streams and the exit code on, and makes them the job', async () => {
    const text = `printf 'in: '; cat; printf '\\033[31mred\\033[0m\\r50%%\\r100%%\\000\\n' >&2; exit 3`;
    const running = run(['--name', 'load', ...sh(text)], { input: 'some bytes\n' });
    assert.equal(await running.ended, 3, running.err());
    assert.equal(running.out(), 'in: some bytes\n');
    assert.equal(running.err(), '\u001B[31mred\u001B[0m\r50%\r100%\0\n');
    const [job, ...more] = await newJobs();
    assert.deepEqual([job?.status, job?.name, job?.external, more.length], ['Failed', 'load', true, 0]);
    assert.equal(job?.workloadError?.message, 'The command ended with exit code 3.');
    assert.equal(job?.facts?.['exitCode'], 3);
    assert.equal(await log(job.id), 'in: some bytes\n100%\n');
    await untilTold(job.id, 'Failed');
    assert.deepEqual(readdirSync(world.spool(spool)), []);
  });

  it('hands signals on, and ends with 128 and the signal’s number', async () => {
    const gentle = run(sh('trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.05; done'));
    await until(() => gentle.out().includes('ready'), 'the command runs', slow);
    gentle.child.kill('SIGTERM');
    assert.equal(await gentle.ended, 7);
    assert.match(gentle.out(), /bye/u);
    const hard = run(sh('kill -TERM $$'));
    assert.equal(await hard.ended, 143);
    const jobs = await newJobs();
    assert.deepEqual(
      jobs.map(({ facts }) => [facts?.['exitCode'], facts?.['signal']]),
      [
        [7, undefined],
        [143, 'SIGTERM'],
      ],
    );
  });

  it('tells progress, facts and why it failed', async () => {
    const go = join(world.folder, 'go');
    const text = `
      echo '{"percentComplete": 40, "rows": 12}' >> "$FLOWHOOK_FACTS"
      while [ ! -e ${go} ]; do sleep 0.05; done
      echo '{"errorMessage": "no space", "tables": ["a", "b"]}' >> "$FLOWHOOK_FACTS"
      echo nonsense >> "$FLOWHOOK_FACTS"
      exit 1`;
    const running = run(sh(text));
    await until(async () => (await newJobs())[0]?.percentComplete === 40, 'the progress', slow);
    writeFileSync(go, '');
    assert.equal(await running.ended, 1);
    assert.match(running.err(), /FLOWHOOK_FACTS, line 3: is no JSON object/u);
    const [job] = await newJobs();
    assert.deepEqual([job?.workloadError?.message, job?.rows], ['no space', 12]);
    assert.deepEqual(job?.facts?.['tables'], ['a', 'b']);
  });

  it('takes flow and recipe by id or name, and says what is not there', async () => {
    const flow = { id: world.flowId };
    const body = { name: 'Totals', flow, sql: 'select 1 as a' };
    const recipe = await world.client.call(wrangledDatasetEndpoints.create, { body });
    for (const output of ['Totals', String(recipe.id)])
      assert.equal(await run(['--output', output, ...sh('true')], {}, String(flow.id)).ended, 0);
    const jobs = await newJobs();
    assert.deepEqual(
      jobs.map(({ wrangledDataset, status }) => [wrangledDataset?.id, status]),
      [
        [recipe.id, 'Complete'],
        [recipe.id, 'Complete'],
      ],
    );
    const faults: [args: string[], flow: string, says: RegExp][] = [
      [sh('echo ran'), 'Weekly', /no flow named "Weekly"/u],
      [['--output', 'Sums', ...sh('echo ran')], 'Nightly', /no recipe named "Sums"/u],
    ];
    for (const [args, name, message] of faults) {
      const running = run(args, {}, name);
      // The command is never held up: its result waits for the mistake to be mended.
      assert.equal(await running.ended, 0);
      assert.equal(running.out(), 'ran\n');
      assert.match(running.err(), message);
      assert.match(running.err(), /result is kept in/u);
    }
    assert.equal(world.left(spool).length, 2);
  });

  it('ends as a shell does where the command can’t be started, and with 125 where it is wrongly called', async () => {
    assert.equal(await run(['--', 'flowhook-no-such-command']).ended, 127);
    assert.equal(await run(['--', '/']).ended, 126);
    assert.deepEqual(
      (await newJobs()).map(({ status }) => status),
      ['Failed', 'Failed'],
    );
    const wrong: [args: string[], env: Record<string, string>, says: RegExp][] = [
      [['--flow', 'Nightly'], {}, /Name the command after --/u],
      [['--', 'true'], {}, /--flow is needed/u],
      [['--flow', '1', '--', 'true'], { FLOWHOOK_TOKEN: '' }, /A token is needed/u],
      [['--flow', '1', '--', 'true'], { FLOWHOOK_SERVER: 'nonsense' }, /FLOWHOOK_SERVER: must be an http/u],
      [['--flow', '1', '--', 'true'], { FLOWHOOK_SPOOL: '/dev/null/x' }, /spool folder can't be used/u],
    ];
    for (const [args, env, message] of wrong) {
      const running = world.exec(spool, args, { env });
      assert.equal(await running.ended, 125, running.err());
      assert.match(running.err(), message);
    }
  });

  it('does not hold the command up where the server is down, and delivers at the next start with the true time', async () => {
    await world.kill();
    const began = Date.now();
    const offline = run(['--wait-seconds', '0', ...sh('echo done')]);
    assert.equal(await offline.ended, 0);
    const endedAt = Date.now();
    assert.match(offline.err(), /can't be reached[^]*result is kept in/u);
    assert.equal(world.left(spool).length, 1);
    await world.start();
    assert.equal(await run(sh('true')).ended, 0);
    const jobs = await newJobs();
    assert.deepEqual(
      jobs.map(({ status }) => status),
      ['Complete', 'Complete'],
    );
    const old = jobs.find(({ name, startedAt }) => name === 'sh' && Date.parse(startedAt!) <= endedAt);
    assert.ok(old !== undefined && Date.parse(old.startedAt!) >= began);
    assert.equal(await log(old.id), 'done\n');
    assert.deepEqual(readdirSync(world.spool(spool)), []);
  });

  it('goes on through the death of the server, and loses nothing', async () => {
    const go = join(world.folder, `go-${spool}`);
    const running = run([
      '--wait-seconds',
      '60',
      '--heartbeat-seconds',
      '5',
      ...sh(`while [ ! -e ${go} ]; do sleep 0.05; done`),
    ]);
    await until(async () => (await newJobs()).length === 1, 'the job', slow);
    await world.kill();
    await says(running, /can't be reached/u);
    writeFileSync(go, '');
    await until(
      () => readFileSync(join(world.spool(spool), world.left(spool)[0]!), 'utf8').includes('Complete'),
      'the end is in the spool',
      slow,
    );
    await world.start();
    assert.equal(await running.ended, 0);
    const jobs = await newJobs();
    assert.deepEqual(
      jobs.map(({ status }) => status),
      ['Complete'],
    );
    await untilTold(jobs[0]!.id, 'Complete');
  });

  it('delivers once what was left by an exec that was killed after its command, though two start at once', async () => {
    await world.kill();
    const running = run(['--wait-seconds', '600', ...sh('echo result; exit 4')]);
    await until(() => running.out() === 'result\n', 'the command has run', slow);
    const stored = () =>
      readFileSync(join(world.spool(spool), world.left(spool)[0]!), 'utf8').includes('Failed');
    await until(stored, 'the end is in the spool', slow);
    await kill9(running);
    await world.start();
    const next = [1, 2].map(() => world.exec(spool, ['--deliver']));
    assert.deepEqual(await Promise.all(next.map(({ ended }) => ended)), [0, 0]);
    assert.equal(
      next
        .map(({ err }) => err())
        .join('')
        .match(/Delivered/gu)?.length,
      1,
    );
    const jobs = await newJobs();
    assert.deepEqual(
      jobs.map(({ status, facts }) => [status, facts?.['exitCode']]),
      [['Failed', 4]],
    );
    await untilTold(jobs[0]!.id, 'Failed');
    assert.equal(world.told.filter((text) => text.startsWith(`${jobs[0]!.id} `)).length, 1);
    assert.deepEqual(readdirSync(world.spool(spool)), []);
  });

  it('is missed where it is killed while its command runs: the job is lost, and the next start finds it so', async () => {
    const go = join(world.folder, `go-${spool}`);
    const running = run(['--heartbeat-seconds', '5', ...sh(`while [ ! -e ${go} ]; do sleep 0.05; done`)]);
    await until(
      async () =>
        (await newJobs()).length === 1 &&
        readFileSync(join(world.spool(spool), world.left(spool)[0]!), 'utf8').includes('"jobId":'),
      'the job',
      slow,
    );
    running.child.kill('SIGKILL');
    await until(async () => (await newJobs())[0]?.status === 'Failed', 'the silence is noticed', slow);
    writeFileSync(go, '');
    const [job] = await newJobs();
    assert.equal(job?.workloadError?.reason, 'lost');
    await untilTold(job.id, 'Failed');
    assert.equal(await world.exec(spool, ['--deliver']).ended, 0);
    assert.equal((await newJobs()).length, 1);
  });

  it('makes a job of its own of a result that comes after its job was given up as lost', async () => {
    const go = join(world.folder, `go-${spool}`);
    const running = run([
      '--heartbeat-seconds',
      '5',
      '--name',
      'late',
      ...sh(`while [ ! -e ${go} ]; do sleep 0.05; done`),
    ]);
    await until(async () => (await newJobs()).length === 1, 'the job', slow);
    running.child.kill('SIGSTOP');
    await until(async () => (await newJobs())[0]?.status === 'Failed', 'the silence is noticed', slow);
    writeFileSync(go, '');
    running.child.kill('SIGCONT');
    assert.equal(await running.ended, 0);
    const [lost, late, ...more] = await newJobs();
    assert.deepEqual([lost?.status, late?.status, more.length], ['Failed', 'Complete', 0]);
    assert.equal(late?.name, `late (result of job ${lost!.id}, which was lost)`);
    await untilTold(late.id, 'Complete');
  });

  it('leaves a job alone that was canceled on the server', async () => {
    const go = join(world.folder, `go-${spool}`);
    const running = run(['--heartbeat-seconds', '5', ...sh(`while [ ! -e ${go} ]; do sleep 0.05; done`)]);
    await until(async () => (await newJobs()).length === 1, 'the job', slow);
    const [job] = await newJobs();
    await world.client.call(jobGroupEndpoints.cancel, { params: { id: job!.id } });
    await says(running, /was ended on the server \(Canceled\)/u);
    writeFileSync(go, '');
    assert.equal(await running.ended, 0);
    assert.deepEqual(
      (await newJobs()).map(({ status }) => status),
      ['Canceled'],
    );
  });

  it('shares a spool with others: each delivers its own, none that of one who lives', async () => {
    const many = Array.from({ length: 4 }, (_, index) =>
      run(['--name', `n${index}`, ...sh(`sleep 0.${index}; exit ${index}`)]),
    );
    assert.deepEqual(await Promise.all(many.map(({ ended }) => ended)), [0, 1, 2, 3]);
    const jobs = await newJobs();
    assert.deepEqual(jobs.map(({ name, facts }) => `${name} ${String(facts?.['exitCode'])}`).toSorted(), [
      'n0 0',
      'n1 1',
      'n2 2',
      'n3 3',
    ]);
    assert.deepEqual(readdirSync(world.spool(spool)), []);
  });

  it('sets a spoiled file aside, says so, and goes on', async () => {
    assert.equal(await run(sh('true')).ended, 0);
    writeFileSync(join(world.spool(spool), 'broken.json'), '{"version":1,"runId":');
    const running = run(sh('true'));
    assert.equal(await running.ended, 0);
    assert.match(running.err(), /broken\.json is no run[^]*kept as .*set-aside\/broken\.json/u);
    assert.equal(
      readFileSync(join(world.spool(spool), 'set-aside/broken.json'), 'utf8'),
      '{"version":1,"runId":',
    );
    assert.deepEqual(readdirSync(world.spool(spool)), ['set-aside']);
  });
});
