// The states of a flow run: the table is the one drawn here, and so are the statements that move real rows.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import * as fc from 'fast-check';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { proveEachCell, proveLives, readGrid, type Machine } from '../../../test/state-grid.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { finishJobs, nothingWritten } from '../finish.ts';
import { queueJobs } from '../job-move.ts';
import { beginFlowRuns, endFlowRun } from './flow-run-move.ts';
import { flowRunTable, type FlowRunEvent } from './flow-run-state.ts';

const grid = readGrid(`
             complete  fail    cancel
  running    complete  failed  canceled
  complete   .         .       .
  failed     .         .       .
  canceled   .         .       .
`);

it('the table of a flow run is the one that is drawn', () => assert.deepEqual(flowRunTable, grid));

describeOnBoth('the states of a flow run', (make) => {
  let database: TestDatabase;
  let world: World;
  before(async () => {
    database = await make();
    world = await makeWorld(await database.open());
  });
  after(async () => {
    await world.db.close();
    await database.remove();
  });

  const read = (id: number) =>
    world.db.read.selectFrom('flow_runs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  async function begin(): Promise<number> {
    const { flowId, personId: creatorId, db } = world;
    const starter = {
      scheduleId: null,
      ranFrom: 'api',
      startedBy: 'person',
      startedByDelivery: null,
    } as const;
    const [id] = await db.transaction((tx) => beginFlowRuns(tx, [{ flowId, creatorId, ...starter }]));
    return id!;
  }

  const machine: Machine<number> = {
    births: ['running'],
    make: begin,
    apply: async (id, event) => {
      await world.db.transaction((tx) => endFlowRun(tx, id, event as FlowRunEvent));
    },
    async look(id) {
      const { updated_at: _, ...row } = await read(id);
      return { state: row.state, row };
    },
  };

  it('are moved as they are drawn, in each cell', () => proveEachCell(machine, grid));
  it('are moved as they are drawn over any life', () => proveLives(machine, grid, 40));

  const job = {
    recipeId: null,
    outputId: null,
    name: 'a job',
    description: null,
    kind: 'external',
    ranFrom: 'api',
    startedBy: 'external',
    startedByDelivery: null,
    hop: 0,
    executionId: null,
    plan: null,
    profiler: false,
    warnings: [],
    heartbeatSeconds: null,
    startedAt: null,
  } as const;

  it('follow from those of its jobs, in whatever order and company these end', async () => {
    const { flowId, personId: creatorId, db, finish } = world;
    const jobEnd = fc.constantFrom<FlowRunEvent>('complete', 'fail', 'cancel');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(jobEnd, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        async (batches) => {
          const flowRunId = await begin();
          const ends = batches.flat();
          const ids = await db.transaction((tx) =>
            queueJobs(
              tx,
              ends.map(() => ({ ...job, flowId, creatorId, flowRunId })),
            ),
          );
          const left = ids.map((jobId, index) => ({ jobId, flowId, event: ends[index]!, ...nothingWritten }));
          for (const { length } of batches) {
            assert.equal((await read(flowRunId)).state, 'running');
            await db.transaction((tx) => finishJobs(tx, finish, left.splice(0, length)));
          }
          const worst = (['fail', 'cancel', 'complete'] as const).find((event) => ends.includes(event))!;
          assert.equal((await read(flowRunId)).state, grid['running']![worst]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
