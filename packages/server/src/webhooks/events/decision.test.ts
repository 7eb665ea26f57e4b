// Proves that every task has exactly one decision for every event, with a reason that is true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { triggerEvents, triggerObjects } from '@flowhook/contract/webhook/trigger';
import * as fc from 'fast-check';
import type { Condition } from './condition.ts';
import { recordedKinds, type RecordedKind } from '@flowhook/contract/webhook/event-kind';
import {
  decisionReasons,
  decideTask,
  wasOfFlow,
  type DecisionReason,
  type EventToDecide,
  type TaskToDecide,
} from './decision.ts';

const recipe = fc.integer({ min: 1, max: 4 }).map((id) => ({ id, name: `Recipe ${id}` }));

const anyCondition: fc.Arbitrary<Condition | null> = fc.constantFrom(
  null,
  { kind: 'recovered' } as const,
  { kind: 'failuresInRow', count: 2, andFurther: false } as const,
  { kind: 'longerThan', seconds: 5, whileRunning: true } as const,
  { kind: 'notRefreshedWithin', seconds: 60 } as const,
  { kind: 'flowRunEnded' } as const,
);
const anyTask: fc.Arbitrary<TaskToDecide> = fc.record({
  id: fc.integer({ min: 1, max: 3 }),
  bornRevision: fc.nat(10),
  diedRevision: fc.option(fc.nat(10)),
  boundJobId: fc.option(fc.nat(2), { freq: 2 }),
  enabled: fc.boolean(),
  disabledReason: fc.option(fc.constant('Its last watched recipe was deleted.')),
  triggerEvent: fc.constantFrom(...triggerEvents),
  triggerObject: fc.constantFrom(...triggerObjects),
  watchedRecipes: fc.uniqueArray(recipe, { selector: (recipe) => recipe.id, maxLength: 7 }),
  condition: anyCondition,
});

const anyEvent: fc.Arbitrary<EventToDecide> = fc.record({
  kind: fc.constantFrom(...(Object.keys(recordedKinds) as RecordedKind[])),
  taskRevision: fc.nat(10),
  jobId: fc.option(fc.nat(2)),
  recipes: fc.uniqueArray(recipe, { selector: (recipe) => recipe.id, maxLength: 2 }),
  aboutTaskId: fc.option(fc.integer({ min: 1, max: 3 })),
  setAside: fc.boolean(),
  silenced: fc.boolean(),
  switchedOn: fc.boolean(),
  measured: fc.record({
    job: fc.record({ durationMs: fc.nat(10_000), rows: fc.nat(100), columns: fc.nat(5) }),
    history: fc.record({ previous: fc.constant(null), failuresInRow: fc.nat(3) }),
    toldTaskIds: fc.subarray([1, 2, 3]),
  }),
});

/** The rule written a second time, as one condition. */
function shouldFire(task: TaskToDecide, event: EventToDecide): boolean {
  const lives =
    task.bornRevision <= event.taskRevision && (task.diedRevision ?? Infinity) > event.taskRevision;
  const [about, result = ''] = event.kind.split('.') as [string, string?];
  const waitsFor = {
    onJobSuccess: ['success', 'slow', 'overdue'],
    onJobFailure: ['failure', 'slow', 'overdue'],
    onJobDone: ['success', 'failure', 'slow', 'overdue'],
  };
  const watches =
    about === 'output' ||
    task.triggerObject === 'any' ||
    task.watchedRecipes.some(({ id }) => event.recipes.some((ran) => ran.id === id));
  const own = task.boundJobId === null ? !event.silenced : task.boundJobId === event.jobId;
  return (
    lives &&
    own &&
    !event.setAside &&
    event.switchedOn &&
    task.enabled &&
    waitsForKind(task.condition, event) &&
    (event.aboutTaskId ?? task.id) === task.id &&
    waitsFor[task.triggerEvent].includes(result) &&
    watches &&
    meets(task, event)
  );
}

function waitsForKind(condition: Condition | null, { kind }: EventToDecide): boolean {
  if (condition?.kind === 'flowRunEnded') return kind.startsWith('flowRun.');
  if (condition?.kind === 'notRefreshedWithin') return kind === 'output.overdue';
  if (kind === 'job.slow') return condition?.kind === 'longerThan';
  return kind.startsWith('job.');
}

function meets({ id, condition }: TaskToDecide, { kind, measured }: EventToDecide): boolean {
  if (condition === null || !kind.startsWith('job.') || kind === 'job.slow') return true;
  const { job, history, toldTaskIds } = measured!;
  const { failuresInRow } = history;
  if (condition.kind === 'recovered') return kind === 'job.success' && failuresInRow > 0;
  if (condition.kind === 'failuresInRow') return kind === 'job.failure' && failuresInRow === 2;
  return job.durationMs! > 5000 && !toldTaskIds.includes(id);
}

test('every pair has one decision, which fires exactly where the rule says so', () => {
  const seen = new Set<DecisionReason>();
  fc.assert(
    fc.property(anyTask, anyEvent, (task, event) => {
      const decision = decideTask(task, event);
      assert.equal(decision.fires, shouldFire(task, event));
      assert.equal(decision.fires, decisionReasons[decision.reason].fires);
      assert.match(decision.detail, /^[A-Z“].+\.$/u);
      const owed =
        wasOfFlow(task, event.taskRevision) && (task.boundJobId === null || task.boundJobId === event.jobId);
      assert.equal(decisionReasons[decision.reason].recorded, owed);
      seen.add(decision.reason);
    }),
    { numRuns: 20_000, seed: 7 },
  );
  assert.deepEqual([...seen].toSorted(), Object.keys(decisionReasons).toSorted());
});

const TASK: TaskToDecide = {
  id: 1,
  condition: null,
  bornRevision: 1,
  diedRevision: null,
  boundJobId: null,
  enabled: true,
  disabledReason: null,
  triggerEvent: 'onJobDone',
  triggerObject: 'some',
  watchedRecipes: [
    { id: 3, name: 'Totals' },
    { id: 4, name: 'Prices' },
  ],
};
const EVENT: EventToDecide = {
  kind: 'job.success',
  taskRevision: 2,
  jobId: 9,
  recipes: [{ id: 3, name: 'Totals' }],
  aboutTaskId: null,
  setAside: false,
  silenced: false,
  switchedOn: true,
  measured: null,
};

function explain(task: Partial<TaskToDecide>, event: Partial<EventToDecide> = {}): string {
  const { reason, detail } = decideTask({ ...TASK, ...task }, { ...EVENT, ...event });
  return `${reason}: ${detail}`;
}

test('a person can read why', () => {
  assert.equal(explain({}), 'fired: The job succeeded: that is what the task waits for.');
  assert.equal(
    explain({}, { recipes: [{ id: 5, name: 'Names' }] }),
    'recipe_not_watched: The job ran “Names” (5); the task watches “Totals” (3), “Prices” (4).',
  );
  assert.equal(
    explain({ triggerEvent: 'onJobFailure' }),
    'waits_for_failure: The task waits for a failed job, and this job succeeded.',
  );
  assert.match(explain({}, { kind: 'job.canceled' }), /^job_canceled: .*neither/u);
  assert.match(explain({ watchedRecipes: [] }), /no recipe any more\.$/u);
  assert.match(
    explain({ enabled: false, disabledReason: 'It came without its secret.' }),
    /: It came without its secret\.$/u,
  );
});

test('a task that waits for something else says so', () => {
  assert.equal(
    explain({ condition: { kind: 'flowRunEnded' } }),
    'waits_for_other_event: The task waits for the end of a flow run, and this is the end of a job.',
  );
  assert.equal(
    explain({}, { kind: 'flowRun.success', jobId: null }),
    'waits_for_other_event: The task waits for the end of a job, and this is the end of a flow run.',
  );
  assert.match(
    explain(
      { condition: { kind: 'flowRunEnded' }, triggerEvent: 'onJobSuccess' },
      { kind: 'flowRun.failure', jobId: null },
    ),
    /^waits_for_success: The task waits for a successful flow run, and this flow run failed\.$/u,
  );
  const slow = { condition: { kind: 'longerThan', seconds: 60, whileRunning: true } } as const;
  assert.match(explain(slow, { kind: 'job.slow', aboutTaskId: 1 }), /^fired: The job runs longer/u);
  assert.match(explain(slow, { kind: 'job.slow', aboutTaskId: 2 }), /^about_other_task/u);
});

test('silencing a launch leaves the tasks that were given with it', () => {
  assert.match(explain({}, { silenced: true }), /^silenced/u);
  assert.match(explain({ boundJobId: 9 }, { silenced: true }), /^fired/u);
  assert.match(explain({ boundJobId: 8 }), /^bound_to_other_job/u);
});

test('a task deleted with the event’s own revision was gone before it', () => {
  assert.match(explain({ diedRevision: 2 }), /^already_deleted/u);
  assert.match(explain({ diedRevision: 3 }), /^fired/u);
  assert.match(explain({ bornRevision: 3 }), /^not_yet_made/u);
});
