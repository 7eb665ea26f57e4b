// A task is made ready once for each of its versions, however many of its deliveries are claimed at one moment.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAttempter, type AttemptOptions, type SendableTask } from './attempt.ts';
import type { Claim } from './delivery-claim.ts';

const sendable = {
  task: { url: '', method: 'post' },
  retryOnFailure: true,
  run: { recipeId: 1, personId: 1 },
};

function makeClaim(id: number, taskVersion: number): Claim {
  return { id, publicId: `dlv_${id}`, taskId: 7, taskVersion, hop: 0, attemptCount: 1 } as Claim;
}

/** Of tasks that run a job: nothing is sent. `load` is called for each task that is loaded, with how many were before. */
function makeAttempter(load: (before: number) => Promise<void>) {
  let loads = 0;
  const ran: string[] = [];
  const options = {
    clock: { now: Date.now, random: () => 0 },
    version: '0.0.0',
    schedule: () => [],
    async loadTask() {
      loads += 1;
      await load(loads - 1);
      const task = {
        ...sendable.task,
        headers: {},
        secretHeaders: [],
        body: null,
        secretKey: null,
        secrets: {},
      };
      return { ...sendable, task } as unknown as SendableTask;
    },
    async startJob({ delivery }: { delivery: string }) {
      return ran.push(delivery);
    },
  };
  const attempt = createAttempter(options as unknown as AttemptOptions);
  return { attempt, ran, loads: () => loads };
}

describe('attempts', () => {
  it('of one moment load their task once, and once more for its next version', async () => {
    const { attempt, ran, loads } = makeAttempter(async () => {});
    await Promise.all(Array.from({ length: 64 }, (_, id) => attempt(makeClaim(id, 1))));
    assert.deepEqual([loads(), ran.length], [1, 64]);
    await Promise.all([attempt(makeClaim(64, 2)), attempt(makeClaim(65, 2))]);
    assert.deepEqual([loads(), ran.length], [2, 66]);
  });

  it('load a task anew that could not be loaded', async () => {
    const { attempt, ran, loads } = makeAttempter(async (before) => {
      if (before === 0) throw new Error('the database is away');
    });
    const first = await Promise.allSettled([attempt(makeClaim(1, 1)), attempt(makeClaim(2, 1))]);
    assert.deepEqual(
      first.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await attempt(makeClaim(3, 1));
    assert.deepEqual([loads(), ran], [2, ['dlv_3']]);
  });
});
