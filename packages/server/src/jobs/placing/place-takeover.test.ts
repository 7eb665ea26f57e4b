// Places that were published in before they had owners: the first to publish keeps each, whoever came later is told.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../../test/flow-world.ts';
import { createLog } from '../../base/log.ts';
import { keepNothing } from '../../db/kept-answer.ts';
import { createFlow, removeFlow } from '../../flows/flow.ts';
import { createOutput } from '../../flows/output.ts';
import type { WriteAction } from '../../flows/places/place-rule.ts';
import { queueJobs } from '../job-move.ts';
import { takeOverPlaces } from './place-takeover.ts';
import { choosePath } from './publish.ts';

describeOnBoth('Places that are taken over', (make) => {
  let database: TestDatabase;
  let world: FlowWorld;
  const told: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => void told.push(JSON.parse(line) as never) });
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  interface Publishing {
    readonly path: string | null;
    readonly action: WriteAction;
    readonly single?: boolean;
    /** What the path was when the job ran. */
    readonly filled?: string;
  }

  /** A flow whose output has published, as a server before this one left it. */
  const publish = async ({ path, action, single = true, filled }: Publishing) => {
    const { room, caller, db } = world;
    const { id: flowId } = await createFlow(room, caller, { name: 'A flow', description: null });
    const recipeId = await world.addRecipe({ flowId, name: 'result', sql: 'select 1 as a' });
    const rule = { format: 'csv', compression: 'none', zstd: false, header: true, delim: ',' } as const;
    const writeSettings =
      path === null ? [] : [{ ...rule, path, action, asSingleFile: single, hasQuotes: false, nullText: '' }];
    const output = { recipeId, isAdhoc: true, execution: 'photon', profiler: false, writeSettings };
    const made = await createOutput({ ...room, keep: keepNothing }, caller, output);
    await db.transaction(async (tx) => {
      const [jobId] = await queueJobs(tx, [
        {
          flowId,
          recipeId,
          outputId: made.id,
          name: null,
          description: null,
          kind: 'engine',
          ranFrom: 'api',
          startedBy: 'person',
          startedByDelivery: null,
          hop: 0,
          executionId: null,
          plan: null,
          profiler: false,
          warnings: [],
          creatorId: caller.personId,
          heartbeatSeconds: null,
          startedAt: null,
        },
      ]);
      const planned = filled ?? path ?? 'result.csv';
      const published = choosePath(planned, action, jobId!, single ? null : 'part-0.csv');
      const file = { job_id: jobId!, position: 0, source_path: 'x', path: published, format: 'csv', action };
      await tx
        .insertInto('job_files')
        .values({ ...file, published_at: 1 })
        .execute();
    });
    return flowId;
  };

  it('are those of outputs that are there still, in the order in which they were published', async () => {
    const gone = await publish({ path: 'gone.csv', action: 'overwrite' });
    await removeFlow(world.room, world.caller, gone);
    const first = [
      await publish({ path: 'one.csv', action: 'overwrite' }),
      await publish({ path: 'many.csv', action: 'overwrite', single: false }),
      await publish({ path: 'made/orders.csv', action: 'create' }),
      await publish({ path: 'made/split.csv', action: 'create', single: false }),
      await publish({ path: 'log/{run.date}.csv', action: 'append', filled: 'log/2026-01-01.csv' }),
      await publish({ path: null, action: 'create' }),
    ];
    await publish({ path: 'now/another.csv', action: 'overwrite', filled: 'before.csv' });
    const later = [
      await publish({ path: 'ONE.csv', action: 'overwrite' }),
      await publish({ path: 'many.csv/part-0.csv', action: 'overwrite' }),
      await publish({ path: 'made', action: 'append' }),
    ];
    await publish({ path: 'gone.csv', action: 'overwrite' });
    const { db } = world;
    await db.transaction(async (tx) => {
      const last = await tx
        .selectFrom('job_files')
        .select('id')
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow();
      await tx.insertInto('place_takeovers').values({ last_file_id: last.id }).execute();
    });
    await Promise.all([takeOverPlaces(db, log), takeOverPlaces(db, log)]);

    const rows = await db.read
      .selectFrom('places')
      .select(['key', 'flow_id'])
      .orderBy('claimed_at')
      .execute();
    const ownerOf = new Map(rows.map(({ key, flow_id }) => [key, flow_id]));
    assert.deepEqual(
      ['one.csv', 'many.csv', 'made/orders.csv', 'made/split.csv', 'log/2026-01-01.csv', 'result.csv'].map(
        (key) => ownerOf.get(key),
      ),
      first,
    );
    assert.equal(ownerOf.has('gone.csv'), true, 'whoever is there still has what nobody else has');
    assert.equal(ownerOf.has('before.csv'), false, 'a path that has changed since is nobody’s');
    assert.equal(rows.length, first.length + 1);
    assert.deepEqual(
      told.map(({ flowId }) => flowId),
      later,
    );
    await takeOverPlaces(db, log);
    assert.equal(told.length, later.length, 'once');
  });
});
