// A small world for tests of jobs and webhooks: a person, a flow, tasks and jobs, straight in the database.
import { randomUUID } from 'node:crypto';
import type { Database, Tx } from '../src/db/database.ts';
import type { FinishContext } from '../src/jobs/finish.ts';
import { queueJobs } from '../src/jobs/job-move.ts';
import type { NewJob } from '../src/jobs/new-job.ts';
import { slowAfterMs, type Condition } from '../src/webhooks/events/condition.ts';
import { createTaskCache } from '../src/webhooks/events/task-cache.ts';

export interface World {
  readonly db: Database;
  readonly personId: number;
  readonly flowId: number;
  readonly finish: FinishContext;
  addTask(task?: Partial<NewTask>): Promise<number>;
  addExternalJob(): Promise<number>;
}

export interface NewTask {
  readonly url: string;
  readonly body: string | null;
  readonly triggerEvent: 'onJobSuccess' | 'onJobFailure' | 'onJobDone';
  readonly enabled: boolean;
  readonly retryOnFailure: boolean;
  readonly condition: Condition | null;
}

export const dayMs = 86_400_000;

export async function makeWorld(db: Database): Promise<World> {
  const { personId, flowId } = await db.transaction(insertPersonAndFlow);
  const finish: FinishContext = {
    db,
    baseUrl: 'http://127.0.0.1:3005',
    record: {
      db,
      tasks: createTaskCache(),
      makePublicId: () => randomUUID(),
      direct: () => null,
      settings: () => ({ switchedOn: true, maximumAgeMs: 3 * dayMs }),
    },
  };
  return {
    db,
    personId,
    flowId,
    finish,
    addTask: (task = {}) => db.transaction((tx) => insertTask(tx, flowId, task)),
    addExternalJob: () => db.transaction((tx) => insertExternal(tx, flowId, personId)),
  };
}

async function insertPersonAndFlow(tx: Tx): Promise<{ personId: number; flowId: number }> {
  const personId = await insertPerson(tx);
  return { personId, flowId: await insertFlowOf(tx, personId) };
}

const times = { created_at: 1, updated_at: 1 };

/** Returns the person's id. */
export async function insertPerson(tx: Tx): Promise<number> {
  const email = `${randomUUID()}@example.com`;
  const person = { email, name: 'A person', role: 'author', ...times } as const;
  return (await tx.insertInto('people').values(person).returning('id').executeTakeFirstOrThrow()).id;
}

/** Returns the flow's id. */
export async function insertFlowOf(tx: Tx, personId: number): Promise<number> {
  const flow = { name: 'A flow', owner_id: personId, ...times };
  return (await tx.insertInto('flows').values(flow).returning('id').executeTakeFirstOrThrow()).id;
}

async function insertTask(tx: Tx, flowId: number, task: Partial<NewTask>): Promise<number> {
  const { task_revision: revision } = await tx
    .updateTable('flows')
    .set(({ eb }) => ({ task_revision: eb('task_revision', '+', 1) }))
    .where('id', '=', flowId)
    .returning('task_revision')
    .executeTakeFirstOrThrow();
  const { id } = await tx
    .insertInto('webhook_tasks')
    .values({
      flow_id: flowId,
      name: 'A task',
      url: task.url ?? 'http://127.0.0.1:1/x',
      method: 'post',
      headers: '{}',
      secret_headers: '[]',
      body: task.body === undefined ? '{"job":$jobId,"status":"$jobStatus"}' : task.body,
      trigger_event: task.triggerEvent ?? 'onJobDone',
      trigger_object: 'any',
      condition: task.condition ? JSON.stringify(task.condition) : null,
      slow_after_ms: slowAfterMs(task.condition ?? null),
      ssl_verification: 1,
      retry_on_failure: (task.retryOnFailure ?? true) ? 1 : 0,
      enabled: (task.enabled ?? true) ? 1 : 0,
      url_secret: 0,
      born_revision: revision,
      created_at: 1,
      updated_at: 1,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function insertExternal(tx: Tx, flowId: number, creatorId: number): Promise<number> {
  const job: NewJob = {
    flowId,
    recipeId: null,
    outputId: null,
    name: 'an external job',
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
    creatorId,
    heartbeatSeconds: null,
    startedAt: null,
  };
  return (await queueJobs(tx, [job]))[0]!;
}
