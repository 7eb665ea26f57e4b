// Proves that every task has exactly one decision for every event, with a reason that is true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  DECISION_REASONS,
  TRIGGER_EVENTS,
  TRIGGER_OBJECTS,
  decideTask,
  wasOfFlow,
  type DecisionReason,
  type EventToDecide,
  type TaskToDecide,
} from './decision.ts';

const recipe = fc.integer({ min: 1, max: 4 }).map((id) => ({ id, name: `Recipe ${id}` }));

const anyTask: fc.Arbitrary<TaskToDecide> = fc.record({
  bornRevision: fc.nat(10),
  diedRevision: fc.option(fc.nat(10)),
  boundJobId: fc.option(fc.nat(2), { freq: 2 }),
  enabled: fc.boolean(),
  disabledReason: fc.option(fc.constant('Its last watched recipe was deleted.')),
  triggerEvent: fc.constantFrom(...TRIGGER_EVENTS),
  triggerObject: fc.constantFrom(...TRIGGER_OBJECTS),
  watchedRecipes: fc.uniqueArray(recipe, { selector: (recipe) => recipe.id, maxLength: 7 }),
});

const anyEvent: fc.Arbitrary<EventToDecide> = fc.record({
  kind: fc.constantFrom('job.success', 'job.failure', 'job.canceled'),
  taskRevision: fc.nat(10),
  jobId: fc.nat(2),
  recipe: fc.option(recipe),
  silenced: fc.boolean(),
  switchedOn: fc.boolean(),
});

/** The rule written a second time, as one condition. */
function shouldFire(task: TaskToDecide, event: EventToDecide): boolean {
  const lives =
    task.bornRevision <= event.taskRevision && (task.diedRevision ?? Infinity) > event.taskRevision;
  const waitsFor = {
    onJobSuccess: ['job.success'],
    onJobFailure: ['job.failure'],
    onJobDone: ['job.success', 'job.failure'],
  };
  const watches =
    task.triggerObject === 'any' || task.watchedRecipes.some((watched) => watched.id === event.recipe?.id);
  const own = task.boundJobId === null ? !event.silenced : task.boundJobId === event.jobId;
  return (
    lives &&
    own &&
    event.switchedOn &&
    task.enabled &&
    waitsFor[task.triggerEvent].includes(event.kind) &&
    watches
  );
}

test('every pair has one decision, which fires exactly where the rule says so', () => {
  const seen = new Set<DecisionReason>();
  fc.assert(
    fc.property(anyTask, anyEvent, (task, event) => {
      const decision = decideTask(task, event);
      assert.equal(decision.fires, shouldFire(task, event));
      assert.equal(decision.fires, DECISION_REASONS[decision.reason].fires);
      assert.match(decision.detail, /^[A-Z“].+\.$/u);
      const owed = wasOfFlow(task, event.taskRevision) && (task.boundJobId ?? event.jobId) === event.jobId;
      assert.equal(DECISION_REASONS[decision.reason].recorded, owed);
      seen.add(decision.reason);
    }),
    { numRuns: 20_000, seed: 7 },
  );
  assert.deepEqual([...seen].toSorted(), Object.keys(DECISION_REASONS).toSorted());
});

const TASK: TaskToDecide = {
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
  recipe: { id: 3, name: 'Totals' },
  silenced: false,
  switchedOn: true,
};

function explain(task: Partial<TaskToDecide>, event: Partial<EventToDecide> = {}): string {
  const { reason, detail } = decideTask({ ...TASK, ...task }, { ...EVENT, ...event });
  return `${reason}: ${detail}`;
}

test('a person can read why', () => {
  assert.equal(explain({}), 'fired: The job succeeded, as the task waits for.');
  assert.equal(
    explain({}, { recipe: { id: 5, name: 'Names' } }),
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
