// Files that wait for their places, on both databases and two nodes: placed once it works, the newest job's alone, and never marked otherwise.
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { addResult, readFileRow, type Result } from '../../../test/place-world.ts';
import { until } from '../../../test/wait.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { createLog } from '../../base/log.ts';
import type { WorkLoop } from '../../base/work-loop.ts';
import type { Database } from '../../db/database.ts';
import type { WriteAction } from '../../flows/places/place-rule.ts';
import { createLatePlacing } from './late-placing.ts';
import { createPublisher, type Placed, type Publisher } from './publisher.ts';

describeOnBoth('Files that wait for their places', (make, dialect) => {
  let test: TestDatabase;
  let db: Database;
  let other: Database;
  let world: World;
  let outputsDir: string;
  const lines: string[] = [];
  const loops: WorkLoop[] = [];
  before(async () => {
    test = await make();
    db = await test.open();
    other = dialect === 'sqlite' ? db : await test.open();
    world = await makeWorld(db);
    outputsDir = join(test.dataDir, 'outputs');
    await mkdir(outputsDir, { recursive: true });
  });
  after(async () => {
    for (const loop of loops) await loop.stop();
    await db.close();
    if (other !== db) await other.close();
    await test.remove();
  });

  const makePublisher = (node: Database) => {
    const log = createLog('info', { write: (line) => void lines.push(line) });
    return createPublisher({ db: node, folders: { outputsDir, jobsDir: join(test.dataDir, 'jobs') }, log });
  };
  const start = (node: Database, publisher: Publisher = makePublisher(node)) => {
    const onError = (error: unknown) => void lines.push(String(error));
    const loop = createLatePlacing({ db: node, publisher, now: Date.now, onError });
    loops.push(loop);
    loop.start();
    return loop;
  };
  /** A round of the loop that begins now, to its end: one may be under way. */
  const runRound = async (loop: WorkLoop) => {
    await endRound(loop);
    await endRound(loop);
  };
  const endRound = async (loop: WorkLoop) => {
    const last = loop.lastRoundAt() ?? 0;
    await until(() => Date.now() > last, 'the next millisecond');
    loop.wake();
    await until(() => (loop.lastRoundAt() ?? 0) > last, 'a round');
  };
  const add = (path: string, text: string, action: WriteAction = 'overwrite') =>
    addResult(world, test.dataDir, { path, text, action });
  const read = (path: string) => readFile(join(outputsDir, path), 'utf8');
  const stateOf = async ({ jobId }: Result) => {
    const { published_at, given_up_at, fault } = await readFileRow(db, jobId);
    return [published_at !== null ? 'published' : given_up_at !== null ? 'given up' : 'waits', fault];
  };

  it('are tried until it works, with the reason beside them and said once; what is stuck holds up no other', async () => {
    // A file where a folder has to be: as a full disk, it is not the job's fault.
    await writeFile(join(outputsDir, 'blocked'), '');
    await mkdir(join(outputsDir, 'folder.csv/inside'), { recursive: true });
    const [stuck, other2] = [await add('blocked/a.csv', 'a'), await add('folder.csv', 'c')];
    const free = await add('free.csv', 'b');
    const loop = start(db);
    await runRound(loop);
    await runRound(loop);
    assert.deepEqual(await stateOf(stuck), ['waits', 'A file stands where a folder has to be.']);
    assert.deepEqual(await stateOf(other2), ['waits', 'A folder stands where the file has to be.']);
    assert.deepEqual([await stateOf(free), await read('free.csv')], [['published', null], 'b']);
    for (const path of ['blocked/a.csv', 'folder.csv'])
      assert.equal(lines.filter((line) => line.includes(`"${path}"`)).length, 1, lines.join(''));
    await rm(join(outputsDir, 'blocked'));
    await rm(join(outputsDir, 'folder.csv'), { recursive: true });
    await runRound(loop);
    assert.deepEqual([await read('blocked/a.csv'), await read('folder.csv')], ['a', 'c']);
    assert.deepEqual(
      [await stateOf(stuck), await stateOf(other2)],
      [
        ['published', null],
        ['published', null],
      ],
    );
  });

  it('of an older job are given up where a newer one’s stands, and never marked as published', async () => {
    const older = await add('same.csv', 'older');
    const [between, newer] = [await add('same.csv', 'between'), await add('same.csv', 'newer')];
    const loop = start(db);
    await until(async () => (await stateOf(newer))[0] === 'published');
    await runRound(loop);
    assert.equal(await read('same.csv'), 'newer');
    const givenUp = ['given up', 'A newer job’s result stands there.'];
    assert.deepEqual([await stateOf(older), await stateOf(between)], [givenUp, givenUp]);
  });

  it('as new puts nothing over a file that somebody else has put there, and over its own', async () => {
    const loop = start(db);
    for (const action of ['create', 'append'] as const) {
      const result = await add(`${action}.csv`, 'mine', action);
      await mkdir(join(outputsDir, result.path, '..'), { recursive: true });
      await writeFile(join(outputsDir, result.path), 'foreign');
      await runRound(loop);
      const reason = 'Another file stands there, which this job did not write: move it away.';
      assert.deepEqual([await read(result.path), await stateOf(result)], ['foreign', ['waits', reason]]);
      await rm(join(outputsDir, result.path));
      await runRound(loop);
      assert.deepEqual([await read(result.path), await stateOf(result)], ['mine', ['published', null]]);
      // A later attempt of the same job, after an end of the process before its own end was written.
      await writeFile(
        join(outputsDir, `${result.path}.job-${result.jobId}-77-1.tmp`),
        'left by one that was cut off',
      );
      await rm(join(test.dataDir, 'jobs', String(result.jobId), '1', 'part.csv'));
      await writeFile(join(test.dataDir, 'jobs', String(result.jobId), '1', 'part.csv'), 'mine again');
      await db.transaction((tx) =>
        tx.updateTable('job_files').set({ published_at: null }).where('job_id', '=', result.jobId).execute(),
      );
      await runRound(loop);
      assert.equal(await read(result.path), 'mine again');
      const beside = await readdir(join(outputsDir, result.path, '..'));
      assert.deepEqual(
        beside.filter((name) => name.endsWith('.tmp')),
        [],
      );
    }
  });

  it('are given up where another flow holds the place by now, and where their copy is gone', async () => {
    const [taken, lost] = [await add('taken/x.csv', 'mine'), await add('lost.csv', 'mine')];
    await rm(join(test.dataDir, 'jobs', String(lost.jobId)), { recursive: true });
    const another = await makeWorld(db);
    await db.transaction(async (tx) => {
      const by = { created_at: 1, updated_at: 1 };
      const recipe = { id: 1000 + another.flowId, flow_id: another.flowId, name: 'r', ...by };
      await tx
        .insertInto('flow_nodes')
        .values({ id: recipe.id, flow_id: another.flowId, kind: 'recipe', created_at: 1 })
        .execute();
      await tx.insertInto('recipes').values(recipe).execute();
      const place = { path: 'taken', flow_id: another.flowId, recipe_id: recipe.id, creates: 0, replaces: 1 };
      await tx
        .insertInto('places')
        .values({ key: 'taken', ...place, claimed_at: 1 })
        .execute();
    });
    await runRound(start(db));
    const [state, reason] = await stateOf(taken);
    assert.equal(state, 'given up');
    assert.match(String(reason), /^The place taken\/x\.csv lies within one that belongs to another flow\./u);
    assert.deepEqual(await stateOf(lost), ['given up', 'The job’s own copy of the file is gone.']);
  });

  it('come there whole and once, with two nodes at them', async () => {
    // Else an older one may come there before a newer one is made.
    for (const loop of loops.splice(0)) await loop.stop();
    const text = 'x'.repeat(200_000);
    const all: Result[] = [];
    for (let count = 0; count < 12; count += 1)
      all.push(await add(`both/${count % 4}.csv`, `${count}${text}`));
    start(db);
    // A process has one publisher.
    if (other !== db) start(other);
    const isOver = async () => (await Promise.all(all.map(stateOf))).every(([state]) => state !== 'waits');
    await until(isOver, 'all have come or are given up', 60_000);
    for (const loop of loops.splice(0)) await loop.stop();
    for (const [index, result] of all.entries()) {
      const [state] = await stateOf(result);
      assert.equal(state, index < 8 ? 'given up' : 'published');
      if (index >= 8) assert.equal(await read(result.path), `${index}${text}`);
    }
    assert.deepEqual((await readdir(join(outputsDir, 'both'))).toSorted(), [
      '0.csv',
      '1.csv',
      '2.csv',
      '3.csv',
    ]);
  });

  it('of one that went on after its turn was over do not stay over a newer one’s', async (context) => {
    for (const loop of loops.splice(0)) await loop.stop();
    const older = await add('turn.csv', 'older');
    const [hasTurn, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const wentOver = Promise.withResolvers<readonly Placed[]>();
    const own = makePublisher(db);
    const slow: Publisher = {
      async place(files, takeTurn) {
        const placed = await own.place(files, async () => {
          const turn = await takeTurn();
          hasTurn.resolve();
          await mayGoOn.promise;
          return turn;
        });
        wentOver.resolve(placed);
        return placed;
      },
    };
    const standing = start(db, slow);
    // Also where an assertion fails first: the loop is waited for.
    context.after(() => mayGoOn.resolve());
    await hasTurn.promise;
    const newer = await add('turn.csv', 'newer');
    const before = start(other);
    await runRound(before);
    // No round goes on while the turn is made to end.
    await before.stop();
    assert.deepEqual(
      [await stateOf(newer), await stateOf(older)],
      [
        ['waits', null],
        ['waits', null],
      ],
    );
    await db.transaction((tx) =>
      tx.updateTable('places').set({ placing_until: 1 }).where('key', '=', 'turn.csv').execute(),
    );
    const loop = start(other);
    await runRound(loop);
    assert.deepEqual([await read('turn.csv'), await stateOf(newer)], ['newer', ['published', null]]);
    mayGoOn.resolve();
    assert.deepEqual(
      await wentOver.promise,
      [{ state: 'placed', reason: null }],
      'the old one goes over the new one',
    );
    await standing.stop();
    await runRound(loop);
    assert.deepEqual(
      [await read('turn.csv'), (await stateOf(newer))[0], (await stateOf(older))[0]],
      ['newer', 'published', 'given up'],
    );
  });
});
