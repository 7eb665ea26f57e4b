// Whether one task fires for one event, and why: exactly one answer for every pair.
import type { TaskFields } from '@flowhook/contract/webhook/task-field';
import {
  describeCondition,
  judgeCondition,
  listSubjects,
  type Condition,
  type Judgement,
  type Measured,
} from './condition.ts';
import { recordedKinds, type EventSubject, type RecordedKind } from '@flowhook/contract/webhook/event-kind';
import type { HistoryFacts } from '../messages/fact.ts';

/** Every reason there is. `recorded` is false where the task was not of the flow then: no decision is stored. */
export const decisionReasons = {
  fired: { fires: true, recorded: true },
  not_yet_made: { fires: false, recorded: false },
  already_deleted: { fires: false, recorded: false },
  bound_to_other_job: { fires: false, recorded: false },
  set_aside: { fires: false, recorded: true },
  switched_off: { fires: false, recorded: true },
  silenced: { fires: false, recorded: true },
  disabled: { fires: false, recorded: true },
  waits_for_other_event: { fires: false, recorded: true },
  about_other_task: { fires: false, recorded: true },
  job_canceled: { fires: false, recorded: true },
  waits_for_failure: { fires: false, recorded: true },
  waits_for_success: { fires: false, recorded: true },
  no_recipe: { fires: false, recorded: true },
  recipe_not_watched: { fires: false, recorded: true },
  condition_not_met: { fires: false, recorded: true },
} as const;
export type DecisionReason = keyof typeof decisionReasons;

export type TriggerEvent = TaskFields['triggerEvent'];
export type TriggerObject = TaskFields['triggerObject'];

interface Recipe {
  readonly id: number;
  readonly name: string;
}

/** What a decision needs of a task. Revisions are the flow's task revisions that it was made and deleted with. */
export interface TaskToDecide {
  readonly id: number;
  readonly bornRevision: number;
  readonly diedRevision: number | null;
  /** The one job that a launch override is for; null for a task of the flow itself. */
  readonly boundJobId: number | null;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly triggerEvent: TriggerEvent;
  readonly triggerObject: TriggerObject;
  readonly watchedRecipes: readonly Recipe[];
  readonly condition: Condition | null;
}

/** What a decision needs of an event, and of the moment at which it is recorded. */
export interface EventToDecide {
  readonly kind: RecordedKind;
  readonly taskRevision: number;
  /** Null where the event is about no single job. */
  readonly jobId: number | null;
  /** The recipes whose outputs it is about; empty for an external job that names only its flow. */
  readonly recipes: readonly Recipe[];
  /** The one task that a deadline, or a job that runs too long, is an event for. */
  readonly aboutTaskId: number | null;
  /** True where the job was launched without the flow's own tasks. */
  readonly silenced: boolean;
  /** True where the process ended too often while it was recorded: nothing of it is looked at again. */
  readonly setAside: boolean;
  /** True while the workspace has webhooks switched on. */
  readonly switchedOn: boolean;
  /** What conditions look at; null where nothing of it is known, as of an event about no single job. */
  readonly measured: {
    readonly job: Measured['job'];
    readonly history: HistoryFacts;
    /** Tasks that were told while the job was still running. */
    readonly toldTaskIds: readonly number[];
  } | null;
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
    findSubjectMismatch(task, event) ??
    findResultMismatch(task, event) ??
    findObjectMismatch(task, event);
  if (reason !== null) return { fires: false, reason, detail: reasonSentences[reason](task, event) };
  const judgement = judge(task, event);
  if (judgement?.holds === false)
    return { fires: false, reason: 'condition_not_met', detail: judgement.sentence };
  return { fires: true, reason: 'fired', detail: judgement?.sentence ?? recordedKinds[event.kind].fired };
}

function judge({ id, condition }: TaskToDecide, { kind, measured }: EventToDecide): Judgement | null {
  if (condition === null || measured === null || subjectOf(kind) !== 'jobEnd') return null;
  const { job, history, toldTaskIds } = measured;
  return judgeCondition(condition, {
    succeeded: recordedKinds[kind].result === 'success',
    job,
    history,
    told: toldTaskIds.includes(id),
  });
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

type Refusal = Exclude<DecisionReason, 'fired' | 'condition_not_met'>;

function findAbsence(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (task.bornRevision > event.taskRevision) return 'not_yet_made';
  if (!wasOfFlow(task, event.taskRevision)) return 'already_deleted';
  return task.boundJobId !== null && task.boundJobId !== event.jobId ? 'bound_to_other_job' : null;
}

function findSilence(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (event.setAside) return 'set_aside';
  if (!event.switchedOn) return 'switched_off';
  if (event.silenced && task.boundJobId === null) return 'silenced';
  return task.enabled ? null : 'disabled';
}

function subjectOf(kind: RecordedKind): EventSubject {
  return recordedKinds[kind].subject;
}

function findSubjectMismatch(task: TaskToDecide, event: EventToDecide): Refusal | null {
  if (!listSubjects(task.condition).includes(subjectOf(event.kind))) return 'waits_for_other_event';
  return event.aboutTaskId !== null && event.aboutTaskId !== task.id ? 'about_other_task' : null;
}

function findResultMismatch(task: TaskToDecide, event: EventToDecide): Refusal | null {
  const { result } = recordedKinds[event.kind];
  if (result === null) return null;
  if (result === 'canceled') return 'job_canceled';
  if (result === 'success') return task.triggerEvent === 'onJobFailure' ? 'waits_for_failure' : null;
  return task.triggerEvent === 'onJobSuccess' ? 'waits_for_success' : null;
}

function findObjectMismatch(task: TaskToDecide, event: EventToDecide): Refusal | null {
  // A deadline was found for what its task watches.
  if (task.triggerObject === 'any' || subjectOf(event.kind) === 'deadline') return null;
  const { recipes } = event;
  if (recipes.length === 0) return 'no_recipe';
  const watched = new Set(task.watchedRecipes.map(({ id }) => id));
  return recipes.some(({ id }) => watched.has(id)) ? null : 'recipe_not_watched';
}

type Sentence = (task: TaskToDecide, event: EventToDecide) => string;

/** What happened, as half a sentence. */
const happenedWords: Readonly<Record<EventSubject, string>> = {
  jobEnd: 'the end of a job',
  runningJob: 'a job that still runs',
  deadline: 'an output that was not refreshed by its time',
  flowRunEnd: 'the end of a flow run',
};

function nameOfRun(event: EventToDecide): string {
  return subjectOf(event.kind) === 'flowRunEnd' ? 'flow run' : 'job';
}

const reasonSentences: Readonly<Record<Refusal, Sentence>> = {
  not_yet_made: () => 'The task was made after this had happened.',
  already_deleted: () => 'The task had been deleted before this happened.',
  bound_to_other_job: (task) =>
    `The task was given at the launch of job ${task.boundJobId} and is for that job alone.`,
  set_aside: () =>
    'The server ended three times in a row while it recorded this. Its log, or that of the system, has the cause.',
  switched_off: () => 'Webhooks were switched off in the workspace settings when this happened.',
  silenced: () => 'The job was launched with the webhook tasks of its flow left out.',
  disabled: (task) =>
    `The task was disabled when this happened${task.disabledReason ? `: ${task.disabledReason}` : '.'}`,
  waits_for_other_event: (task, event) =>
    `The task waits for ${describeCondition(task.condition)}, and this is ${happenedWords[subjectOf(event.kind)]}.`,
  about_other_task: () => 'Another task set the time that ran out here.',
  job_canceled: (_, event) =>
    `The ${nameOfRun(event)} was canceled, which is neither a success nor a failure.`,
  waits_for_failure: (_, event) =>
    `The task waits for a failed ${nameOfRun(event)}, and this ${nameOfRun(event)} succeeded.`,
  waits_for_success: (_, event) =>
    `The task waits for a successful ${nameOfRun(event)}, and this ${nameOfRun(event)} failed.`,
  no_recipe: (task, event) =>
    `The ${nameOfRun(event)} belongs to no recipe; the task watches ${listRecipes(task.watchedRecipes)}.`,
  recipe_not_watched: (task, event) =>
    `The ${nameOfRun(event)} ran ${listRecipes(event.recipes)}; the task watches ${listRecipes(task.watchedRecipes)}.`,
};

function nameRecipe(recipe: Recipe): string {
  return `“${recipe.name}” (${recipe.id})`;
}

// A few names explain it; the task itself has them all.
function listRecipes(recipes: readonly Recipe[]): string {
  const names = recipes.slice(0, 5).map(nameRecipe);
  const more = recipes.length - names.length;
  if (names.length === 0) return 'no recipe any more';
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
