// The world of the role table: a flow with everything that can be asked for, and everybody who asks.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { accessTokenEndpoints as tokens } from '@flowhook/contract/person/access-token';
import { externalJobEndpoints as externalJobs } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import {
  environmentParameterEndpoints as environment,
  flowParameterEndpoints as parameters,
} from '@flowhook/contract/flow/flow-parameter';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { flowRunEndpoints as flowRuns } from '@flowhook/contract/job/flow-run';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { webhookDeliveryEndpoints as deliveries } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import type { Client } from './client.ts';
import { foreignDocument, packageOf } from './foreign-package.ts';
import { callerNames } from './role-pattern.ts';
import { scheduleOf } from './role-table.ts';
import type { TestPerson, TestServer } from './server.ts';
import { uploadDataset } from './upload-form.ts';
import { until } from './wait.ts';

/** Ids of what there is in one world. */
export interface RoleWorld {
  /** A text in the names of everything. */
  readonly marker: string;
  readonly flowId: number;
  readonly datasetId: number;
  /** In the flow, read by no recipe. */
  readonly unreadDatasetId: number;
  /** Its node in the flow. */
  readonly useId: number;
  readonly recipeId: number;
  readonly outputId: number;
  readonly settingId: number;
  readonly taskId: number;
  /** Complete, with a file, a profile and a delivery. Of the first world where this one was made to be taken apart. */
  readonly jobId: number;
  readonly stepId: number;
  readonly fileId: number;
  readonly deliveryId: number;
  readonly externalJobId: number;
  readonly flowRunId: number;
  readonly scheduleId: number;
  readonly parameterId: number;
  readonly environmentId: number;
  /** Somebody who owns nothing. */
  readonly personId: number;
  /** Somebody who may read the flow. */
  readonly sharedWithId: number;
  /** An access token of the owner. */
  readonly tokenId: string;
  /** A file in an allowed folder. */
  readonly fileUri: string;
  /** A package of the original. */
  readonly packageFile: Buffer;
  /** The email of somebody with the usual password. */
  readonly email: string;
  /** The flows that the caller's token is bound to, for what only such a token must name. */
  readonly callerFlowIds: readonly number[] | null;
}

export interface RoleCaller extends Client {
  readonly name: (typeof callerNames)[number];
  readonly token: string | null;
  /** Who it is, where the role on the flow is to be given. */
  readonly personId: number | null;
  readonly flowRole: 'viewer' | 'editor' | 'owner' | null;
  /** What its token is bound to. */
  readonly flowIds: readonly number[] | null;
}

const sqlOf = (name: string) => `select * from "${name}"`;

/** Everything but finished jobs and what was found in files: `whole` brings those. */
export async function makeRoleWorld(
  server: TestServer,
  rootDir: string,
  whole: RoleWorld | null,
): Promise<RoleWorld> {
  const { author: owner } = server;
  const marker = `m${randomUUID()}`;
  const flow = await owner.call(flows.create, { body: { name: marker } });
  const flowId = flow.id;
  const add = (name: string) =>
    whole === null
      ? uploadDataset(owner, { fileName: 'a.csv', content: 'a,b\n1,2\n' }, { name })
      : copyDataset(server, whole.datasetId, name);
  const dataset = await add(`read ${marker}`);
  const unread = await add(`unread ${marker}`);
  const use = await owner.call(datasets.addToFlow, {
    params: { id: unread.id },
    body: { flow: { id: flowId } },
  });
  const recipe = await owner.call(recipes.create, {
    body: {
      name: `recipe ${marker}`,
      flow: { id: flowId },
      importedDataset: { id: dataset.id },
      sql: sqlOf(dataset.name),
    },
  });
  const setting = { path: `${marker}/out.csv`, action: 'create', format: 'csv' } as const;
  const output = await owner.call(outputs.create, {
    body: { flowNodeId: recipe.id, profiler: true, writeSettings: [setting] },
  });
  const task = await owner.call(tasks.create, {
    body: {
      name: `task ${marker}`,
      flowId,
      url: 'https://role-table.invalid/',
      method: 'post',
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
      retryOnFailure: false,
    },
  });
  const schedule = await owner.call(schedules.create, { body: scheduleOf(flowId) });
  const parameter = await owner.call(parameters.create, {
    params: { id: flowId },
    body: { name: 'region', defaultValue: 'north' },
  });
  const stage = await server.administrator.call(environment.create, {
    body: { overrideKey: `env.${marker.replaceAll('-', '')}_stage`, value: 'x' },
  });
  const external = await owner.call(externalJobs.create, { body: { flow: { id: flowId } } });
  const spare = await server.addPerson('author');
  const reader = await server.addPerson('author');
  const data = [{ personId: reader.id, role: 'readOnly' as const }];
  await owner.call(permissions.give, { params: { id: flowId }, body: { data } });
  const token = await owner.call(tokens.create, { body: { lifetimeSeconds: 600, description: marker } });
  const path = join(rootDir, `${marker}.csv`);
  await writeFile(path, 'a\n1\n');
  return {
    marker,
    flowId,
    datasetId: dataset.id,
    unreadDatasetId: unread.id,
    useId: use.id,
    recipeId: recipe.id,
    outputId: output.id,
    settingId: output.writeSettings.data[0]!.id,
    taskId: task.id,
    scheduleId: schedule.id,
    parameterId: parameter.id,
    environmentId: stage.id,
    externalJobId: external.id,
    personId: spare.id,
    sharedWithId: reader.id,
    email: spare.email,
    tokenId: token.tokenInfo.tokenId,
    fileUri: pathToFileURL(path).href,
    callerFlowIds: null,
    packageFile: await packageOf(foreignDocument()),
    ...(whole === null ? await runOnce(owner, flowId, recipe.id) : pickFinished(whole)),
  };
}

/** A dataset of the same file, without another look at it: a table makes a hundred worlds. */
async function copyDataset({ app, author }: TestServer, id: number, name: string) {
  return app.db.transaction(async (tx) => {
    const { id: _, ...row } = await tx
      .selectFrom('datasets')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const copy = { ...row, name, owner_id: author.id };
    return tx.insertInto('datasets').values(copy).returning(['id', 'name']).executeTakeFirstOrThrow();
  });
}

type Finished = Pick<RoleWorld, 'jobId' | 'stepId' | 'fileId' | 'deliveryId' | 'flowRunId'>;

function pickFinished({ jobId, stepId, fileId, deliveryId, flowRunId }: RoleWorld): Finished {
  return { jobId, stepId, fileId, deliveryId, flowRunId };
}

/** Runs the recipe to its end, and what its end owes too. */
async function runOnce(owner: TestPerson, flowId: number, recipeId: number): Promise<Finished> {
  const started = await owner.call(jobs.create, { body: { wrangledDataset: { id: recipeId } } });
  const params = { id: started.id };
  await until(async () => (await owner.call(jobs.status, { params })) === 'Complete');
  const find = async () => (await owner.call(deliveries.list, { query: { jobGroupId: started.id } })).data[0];
  await until(async () => (await find())?.state === 'dead');
  const { files } = await owner.call(jobs.outputs, { params });
  const run = await owner.call(flowRuns.create, { params: { id: flowId } });
  return {
    flowRunId: run.flowRunId,
    jobId: started.id,
    stepId: started.jobs.data[0]!.id,
    fileId: files[0]!.id,
    deliveryId: (await find())!.id,
  };
}

const nowhere = { personId: null, flowRole: null, flowIds: null };

/** The owner, by an access token that can do less. */
export async function makeNarrowed(
  server: TestServer,
  narrow: { readonly readOnly?: true; readonly flowIds?: number[] },
): Promise<Omit<RoleCaller, 'name'>> {
  const body = { lifetimeSeconds: 3600, description: 'x', ...narrow };
  const { tokenValue: token } = await server.author.call(tokens.create, { body });
  const client = server.client({ authorization: `Bearer ${token}` });
  return { ...client, ...nowhere, token, flowIds: narrow.flowIds ?? null };
}

/** Everybody, in the order of the table's cells. */
export async function makeRoleCallers(server: TestServer, world: RoleWorld): Promise<RoleCaller[]> {
  const { author: owner, administrator } = server;
  const elsewhere = await owner.call(flows.create, { body: { name: 'Another flow' } });
  const people: Omit<RoleCaller, 'name'>[] = [];
  for (const role of ['viewer', 'author'] as const)
    for (const flowRole of [null, 'viewer', 'editor', 'owner'] as const) {
      const person = await server.addPerson(role);
      const self = role === 'author' && flowRole === 'owner' ? owner : person;
      people.push({ ...self, personId: self.id, flowRole, flowIds: null });
    }
  const all: Omit<RoleCaller, 'name'>[] = [
    { ...server.nobody, ...nowhere, token: null },
    ...people,
    { ...administrator, ...nowhere },
    await makeNarrowed(server, { readOnly: true }),
    await makeNarrowed(server, { flowIds: [world.flowId] }),
    await makeNarrowed(server, { flowIds: [elsewhere.id] }),
  ];
  return all.map((caller, index) => ({ ...caller, name: callerNames[index]! }));
}

/** Gives the caller its role on the world's flow, and the flow back to its owner where it has none to be owner. */
export async function giveRole(server: TestServer, world: RoleWorld, caller: RoleCaller): Promise<void> {
  const { flowId } = world;
  const { personId, flowRole } = caller;
  await server.app.db.transaction(async (tx) => {
    const ownerId = flowRole === 'owner' && personId !== null ? personId : server.author.id;
    await tx.updateTable('flows').set({ owner_id: ownerId }).where('id', '=', flowId).execute();
    await tx
      .updateTable('datasets')
      .set({ owner_id: ownerId })
      .where('id', 'in', [world.datasetId, world.unreadDatasetId])
      .execute();
    if (personId === null || flowRole === null || flowRole === 'owner') return;
    const grant = { flow_id: flowId, person_id: personId, role: flowRole, created_at: 1 };
    await tx
      .insertInto('flow_grants')
      .values(grant)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}
