// Makes a flow at a server what a plan says, through the public API; what fails half-way is taken back.
import { foldName } from '@flowhook/contract/flow/name';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { Caller } from '../caller.ts';
import { Problem } from '../problem.ts';
import { planFlow, type Change, type FlowPlan } from './flow-plan.ts';
import { isBroken, readRemoteFlow, type RemoteFlow } from './read-flow.ts';
import { writeChange, type FindRecipe, type Writing } from './write-change.ts';

/** One change was refused. `undone` says what became of those before it. */
export class ChangeFailed extends Error {
  readonly change: Change;
  readonly reason: Problem;
  readonly undone: string;
  constructor(change: Change, reason: Problem, undone: string) {
    super(reason.message);
    this.change = change;
    this.reason = reason;
    this.undone = undone;
  }
}

/** Throws `ChangeFailed`; the flow is as it was then, as far as the API allows. */
export async function writeFlow(
  caller: Caller,
  plan: FlowPlan,
  remote: RemoteFlow | null,
  findRecipe: FindRecipe,
): Promise<void> {
  const writing = startWriting(caller, plan, remote, findRecipe);
  const failed = (await writeAll(writing, plan.changes)) ?? (await findBroken(writing, remote));
  if (failed === null) return;
  const undone = await takeBack(writing, remote, failed.reason).catch(
    (error: unknown) => `The changes before it could not be taken back: ${(error as Error).message}`,
  );
  throw new ChangeFailed(failed.change, failed.reason, undone);
}

function startWriting(
  caller: Caller,
  plan: FlowPlan,
  remote: RemoteFlow | null,
  findRecipe: FindRecipe,
): Writing {
  const ids = remote?.ids;
  return {
    caller,
    plan,
    findRecipe,
    flowId: remote?.id ?? null,
    schedule: ids?.schedule ?? null,
    datasets: new Map(ids?.datasets),
    recipes: new Map(ids?.recipes),
    outputs: new Map(ids?.outputs),
    tasks: new Map(ids?.tasks),
    parameters: new Map(ids?.parameters),
    madeDatasets: [],
  };
}

interface Failure {
  readonly change: Change;
  readonly reason: Problem;
}

/** The first that fails, or null. Recipes read each other: those that can't be written yet are tried again after the others. */
async function writeAll(writing: Writing, changes: readonly Change[]): Promise<Failure | null> {
  let rest = changes;
  while (rest.length > 0) {
    const [first] = rest;
    const together = first!.kind === 'recipe' ? rest.findIndex((each) => !isLike(first!, each)) : 1;
    const group = rest.slice(0, together === -1 ? rest.length : together);
    const failure = await writeGroup(writing, group);
    if (failure !== null) return failure;
    rest = rest.slice(group.length);
  }
  return null;
}

/** A recipe that was valid and is not any more: the server only warns of it, since a person may go on to mend it. */
async function findBroken({ caller, flowId }: Writing, before: RemoteFlow | null): Promise<Failure | null> {
  const query = { flowId, noLimit: true, sort: 'id' };
  const { data: now } = await caller.call(recipes.list, { query });
  const broken = now.find((recipe) => isBroken(recipe) && before?.broken.has(foldName(recipe.name)) !== true);
  if (broken === undefined) return null;
  const { id, name, sql } = broken;
  const change = { kind: 'recipe', key: foldName(name), name, action: 'change', fields: [] } as const;
  const body = { flowId: flowId!, id, name, sql: sql ?? '' };
  const { error } = await caller.call(recipes.check, { body });
  return { change, reason: toProblem(error) };
}

function toProblem(fault: { readonly message: string } | null): Problem {
  return new Problem({
    status: 400,
    code: 'sql_invalid',
    title: 'The SQL is not valid',
    detail: fault?.message ?? 'It is not valid any more.',
    document: { ...fault, code: 'sql_invalid' },
  });
}

function isLike(one: Change, other: Change): boolean {
  return one.kind === other.kind && (one.action === 'delete') === (other.action === 'delete');
}

async function writeGroup(writing: Writing, group: readonly Change[]): Promise<Failure | null> {
  let left = group;
  while (left.length > 0) {
    const failures: Failure[] = [];
    for (const change of left) {
      const reason = await writeOne(writing, change);
      if (reason?.isPassing === true) return { change, reason };
      if (reason !== null) failures.push({ change, reason });
    }
    if (failures.length === left.length) return failures[0]!;
    left = failures.map(({ change }) => change);
  }
  return null;
}

async function writeOne(writing: Writing, change: Change): Promise<Problem | null> {
  try {
    await writeChange(writing, change);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** What was made for a new flow goes; a changed one gets back what it had. */
async function takeBack(writing: Writing, before: RemoteFlow | null, reason: Problem): Promise<string> {
  if (reason.isPassing) return 'The server does not answer, so the changes before it stand: apply again.';
  const { caller, flowId } = writing;
  if (before === null && flowId === null) return 'Nothing was made.';
  if (before === null) await caller.call(flows.remove, { params: { id: flowId! } });
  else await restore(writing, before);
  // Last, since nothing may read them.
  for (const id of writing.madeDatasets) await caller.call(datasets.remove, { params: { id } });
  return before === null ? 'Nothing of the flow is left at the server.' : 'The flow is as it was before.';
}

async function restore({ caller, findRecipe }: Writing, before: RemoteFlow): Promise<void> {
  const now = await readRemoteFlow(caller, before.id);
  const back = planFlow(now, before.spec, { env: {}, prune: true, sendSecrets: false });
  const failed = await writeAll(startWriting(caller, back, now, findRecipe), back.changes);
  if (failed !== null)
    throw new Error(`${failed.change.kind} ${failed.change.name}: ${failed.reason.message}`);
}
