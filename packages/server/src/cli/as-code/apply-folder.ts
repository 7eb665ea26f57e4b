// Makes flows what a folder says: read and compare everything, show it, and only then do it, flow by flow, each whole.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { foldName } from '@flowhook/contract/flow/name';
import { flowDocumentEndpoints as documents } from '@flowhook/contract/flow/flow-document';
import type { Caller } from '@flowhook/client/caller';
import { Problem } from '@flowhook/client/problem';
import { findFlow, listFlows } from '@flowhook/client/as-code/list-flows';
import { planCode, type CodePlan, type PlanChoices } from './code-plan.ts';
import type { Say } from './connection.ts';
import { orderByRuns } from './flow-order.ts';
import { countChanges, printFault, printPlan, showText, type Paint } from './print-plan.ts';
import { placeFault, placeRefusal } from './fault-place.ts';
import { readFolder, type CodeFlow } from './read-folder.ts';
import { readRemoteFlow, type RemoteFlow } from '@flowhook/client/as-code/remote-flow';
import type { FileFault } from './yaml-text.ts';

export interface ApplyChoices {
  readonly root: string;
  readonly dryRun: boolean;
  readonly choices: PlanChoices;
  readonly paint: Paint;
  readonly say: Say;
}

interface Planned {
  readonly code: CodeFlow;
  readonly remote: RemoteFlow | null;
  readonly plan: CodePlan;
}

/** Returns the exit code: 1 for a problem; with dry run 0 for no difference, 2 for some; else 0 when all is as the files say. */
export async function applyFolder(caller: Caller, given: ApplyChoices): Promise<number> {
  const { root, dryRun, paint, say } = given;
  const { flows, faults } = readFolder(root);
  const planned: Planned[] = faults.length === 0 ? await planAll(caller, flows, given) : [];
  const all = [
    ...faults,
    ...planned.flatMap(({ code, plan }) =>
      plan.faults.map(({ path, detail }) => placeFault(code, path, detail)),
    ),
  ];
  if (all.length > 0) return refuse(all, say);
  if (flows.length === 0) return refuseEmpty(root, say);
  for (const { plan } of planned) for (const line of printPlan(plan, paint)) say.out(line);
  const plans = planned.map(({ plan }) => plan);
  const changes = plans.some((plan) => plan.changes.length > 0);
  say.out(changes ? `${countChanges(plans)}.` : 'No difference.');
  if (!dryRun) return (await writeAll(caller, planned, say)) ? 0 : 1;
  const found = await tryAll(caller, planned, say);
  return found.length > 0 ? refuse(found, say) : changes ? 2 : 0;
}

/** A wrong folder must not look like one in which nothing has changed. */
function refuseEmpty(root: string, say: Say): number {
  say.err(
    existsSync(join(root, 'flow.yaml'))
      ? 'flowhook apply: flow.yaml stands in this folder itself: give the folder above it, which holds the flows.'
      : 'flowhook apply: the folder holds no flow (a folder with a flow.yaml). Nothing was done.',
  );
  return 1;
}

function refuse(faults: readonly FileFault[], say: Say): number {
  for (const fault of faults) say.err(printFault(fault));
  say.err(
    `flowhook apply: ${faults.length} ${faults.length === 1 ? 'problem' : 'problems'}: nothing was done.`,
  );
  return 1;
}

async function planAll(
  caller: Caller,
  flows: readonly CodeFlow[],
  { choices }: ApplyChoices,
): Promise<Planned[]> {
  const listed = await listFlows(caller);
  const planned = [];
  for (const code of orderByRuns(flows)) {
    const found = findFlow(listed, code.spec.name);
    const remote = found === undefined ? null : await readRemoteFlow(caller, found.id);
    planned.push({ code, remote, plan: planCode(remote?.document ?? null, code.spec, choices) });
  }
  return refuseSharedDatasets(planned);
}

/** A dataset that two flows share can't be two things at once: the second apply would change it back. */
function refuseSharedDatasets(planned: readonly Planned[]): Planned[] {
  const seen = new Map<number, { spec: string; flow: string }>();
  return planned.map((each) => {
    const faults = each.code.spec.datasets.flatMap((dataset, index) => {
      const id = each.remote?.datasets.get(foldName(dataset.name));
      const spec = JSON.stringify(dataset);
      const first = id === undefined ? undefined : seen.get(id);
      if (id !== undefined && first === undefined) seen.set(id, { spec, flow: each.code.folder });
      if (first === undefined || first.spec === spec) return [];
      const detail = `is one dataset with that of ${first.flow}/flow.yaml, and is described otherwise there.`;
      return [{ path: ['datasets', index, 'name'], detail }];
    });
    return { ...each, plan: { ...each.plan, faults: [...each.plan.faults, ...faults] } };
  });
}

/** What the server would refuse. A flow that runs recipes of another that is to be changed can't be tried before that. */
async function tryAll(caller: Caller, planned: readonly Planned[], say: Say): Promise<FileFault[]> {
  const open = new Set(planned.filter(isChanged).map(({ code }) => code.spec.name));
  const faults: FileFault[] = [];
  for (const each of planned.filter(isChanged)) {
    if (each.code.spec.webhookTasks.some(({ runs }) => runs?.flow != null && open.has(runs.flow))) continue;
    try {
      await put(caller, each, true);
    } catch (error) {
      if (!(error instanceof Problem) || error.isPassing) throw error;
      if (error.code === 'forbidden')
        say.err(`${showText(each.code.spec.name)} can’t be tried: ${error.message}`);
      else faults.push(...placeRefusal(each.code, error));
    }
  }
  return faults;
}

function isChanged({ plan }: Planned): boolean {
  return plan.changes.length > 0;
}

async function put(
  caller: Caller,
  { remote, plan: { document: body } }: Planned,
  dryRun: boolean,
): Promise<void> {
  const query = { dryRun };
  if (remote === null) await caller.call(documents.create, { query, body });
  else
    await caller.call(documents.put, {
      params: { id: remote.id },
      query,
      body,
      headers: { 'if-match': remote.version },
    });
}

/** True when all is done. After the first flow that fails nothing more is done. */
async function writeAll(caller: Caller, planned: readonly Planned[], say: Say): Promise<boolean> {
  const done: string[] = [];
  for (const each of planned.filter(isChanged)) {
    try {
      await put(caller, each, false);
      done.push(each.code.spec.name);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      sayFailure(each, error, done, say);
      return false;
    }
  }
  if (done.length > 0) say.out('Done.');
  return true;
}

function sayFailure({ code, remote }: Planned, problem: Problem, done: readonly string[], say: Say): void {
  const faults = problem.isPassing
    ? [placeFault(code, [], `The server can’t be reached: ${problem.message}`)]
    : placeRefusal(code, problem);
  for (const fault of faults) say.err(printFault(fault));
  const left = problem.isPassing
    ? 'The flow is as it was before, or all as the files say: apply again.'
    : remote === null
      ? 'Nothing of the flow is left at the server.'
      : 'The flow is as it was before.';
  const earlier = done.length === 0 ? '' : ` Applied before it: ${done.map(showText).join(', ')}.`;
  say.err(`flowhook apply: ${showText(code.spec.name)} could not be applied. ${left}${earlier}`);
}
