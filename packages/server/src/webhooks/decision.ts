// Whether one task fires for one event, and why: exactly one answer for every pair.

/** Every reason there is. `recorded` is false where the task was not of the flow then: no decision is stored. */
export const DECISION_REASONS = {
  fired: { fires: true, recorded: true },
  not_yet_made: { fires: false, recorded: false },
  already_deleted: { fires: false, recorded: false },
  bound_to_other_job: { fires: false, recorded: false },
  switched_off: { fires: false, recorded: true },
  silenced: { fires: false, recorded: true },
  disabled: { fires: false, recorded: true },
  job_canceled: { fires: false, recorded: true },
  waits_for_failure: { fires: false, recorded: true },
  waits_for_success: { fires: false, recorded: true },
  no_recipe: { fires: false, recorded: true },
  recipe_not_watched: { fires: false, recorded: true },
} as const;
export type DecisionReason = keyof typeof DECISION_REASONS;

export const TRIGGER_EVENTS = ['onJobSuccess', 'onJobFailure', 'onJobDone'] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];
export const TRIGGER_OBJECTS = ['any', 'some'] as const;
export type TriggerObject = (typeof TRIGGER_OBJECTS)[number];

interface Recipe {
  readonly id: number;
  readonly name: string;
}

/** What a decision needs of a task. Revisions are the flow's task revisions that it was made and deleted with. */
export interface TaskToDecide {
  readonly bornRevision: number;
  readonly diedRevision: number | null;
  /** The one job that a launch override is for; null for a task of the flow itself. */
  readonly boundJobId: number | null;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly triggerEvent: TriggerEvent;
  readonly triggerObject: TriggerObject;
  readonly watchedRecipes: readonly Recipe[];
}

/** What a decision needs of an event, and of the moment at which it is recorded. */
export interface EventToDecide {
  readonly kind: 'job.success' | 'job.failure' | 'job.canceled';
  readonly taskRevision: number;
  readonly jobId: number;
  /** Null for an external job that names only its flow. */
  readonly recipe: Recipe | null;
  /** True where the job was launched without the flow's own tasks. */
  readonly silenced: boolean;
  /** True while the workspace has webhooks switched on. */
  readonly switchedOn: boolean;
}

export interface Decision {
  readonly fires: boolean;
  readonly reason: DecisionReason;
  /** A sentence that a person understands. */
  readonly detail: string;
}

/** Decides. The first reason that holds is the one given, from the widest (was there such a task?) to the narrowest. */
export function decideTask(task: TaskToDecide, event: EventToDecide): Decision {
  const reason =
    findAbsence(task, event) ??
    findSilence(task, event) ??
    findEventMismatch(task, event) ??
    findObjectMismatch(task, event);
  if (reason !== null) return { fires: false, reason, detail: SENTENCES[reason](task, event) };
  return { fires: true, reason: 'fired', detail: SENTENCES.fired(task, event) };
}

/** True where the task belonged to the flow at the event's revision, so that a decision is owed. */
export function wasOfFlow(
  task: Pick<TaskToDecide, 'bornRevision' | 'diedRevision'>,
  taskRevision: number,
): boolean {
  return (
    task.bornRevision <= taskRevision && (task.diedRevision === null || task.diedRevision > taskRevision)
  );
}

type Refusal = Exclude<DecisionReason, 'fired'>;

function findAbsence(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (task.bornRevision > event.taskRevision) return 'not_yet_made';
  if (!wasOfFlow(task, event.taskRevision)) return 'already_deleted';
  return task.boundJobId !== null && task.boundJobId !== event.jobId ? 'bound_to_other_job' : null;
}

function findSilence(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (!event.switchedOn) return 'switched_off';
  if (event.silenced && task.boundJobId === null) return 'silenced';
  return task.enabled ? null : 'disabled';
}

function findEventMismatch(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (event.kind === 'job.canceled') return 'job_canceled';
  if (event.kind === 'job.success') return task.triggerEvent === 'onJobFailure' ? 'waits_for_failure' : null;
  return task.triggerEvent === 'onJobSuccess' ? 'waits_for_success' : null;
}

function findObjectMismatch(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (task.triggerObject === 'any') return null;
  const { recipe } = event;
  if (recipe === null) return 'no_recipe';
  return task.watchedRecipes.some((watched) => watched.id === recipe.id) ? null : 'recipe_not_watched';
}

type Sentence = (task: TaskToDecide, event: EventToDecide) => string;

const SENTENCES: Readonly<Record<DecisionReason, Sentence>> = {
  fired: (_, event) =>
    `The job ${event.kind === 'job.success' ? 'succeeded' : 'failed'}, as the task waits for.`,
  not_yet_made: () => 'The task was made after the job had ended.',
  already_deleted: () => 'The task had been deleted before the job ended.',
  bound_to_other_job: (task) =>
    `The task was given at the launch of job ${task.boundJobId} and is for that job alone.`,
  switched_off: () => 'Webhooks were switched off in the workspace settings when the job ended.',
  silenced: () => 'The job was launched with the webhook tasks of its flow left out.',
  disabled: (task) =>
    `The task was disabled when the job ended${task.disabledReason ? `: ${task.disabledReason}` : '.'}`,
  job_canceled: () => 'The job was canceled, which is neither a success nor a failure.',
  waits_for_failure: () => 'The task waits for a failed job, and this job succeeded.',
  waits_for_success: () => 'The task waits for a successful job, and this job failed.',
  no_recipe: (task) => `The job belongs to no recipe; the task watches ${listRecipes(task)}.`,
  recipe_not_watched: (task, event) =>
    `The job ran ${event.recipe ? nameRecipe(event.recipe) : 'no recipe'}; the task watches ${listRecipes(task)}.`,
};

function nameRecipe(recipe: Recipe): string {
  return `“${recipe.name}” (${recipe.id})`;
}

// A few names explain it; the task itself has them all.
function listRecipes(task: TaskToDecide): string {
  const names = task.watchedRecipes.slice(0, 5).map(nameRecipe);
  const more = task.watchedRecipes.length - names.length;
  if (names.length === 0) return 'no recipe any more';
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
