// Makes flows what a folder says: read and compare everything, show it, and only then do it.
import { foldName } from '@flowhook/contract/flow/name';
import type { Caller } from '@flowhook/client/caller';
import type { FlowPlan, PlanChoices, PlanFault } from '@flowhook/client/as-code/flow-plan';
import { planFlow } from '@flowhook/client/as-code/flow-plan';
import { findFlow, findRecipeOf, listFlows } from '@flowhook/client/as-code/list-flows';
import { readRemoteFlow, type RemoteFlow } from '@flowhook/client/as-code/read-flow';
import { ChangeFailed, writeFlow } from '@flowhook/client/as-code/write-flow';
import type { Say } from './connection.ts';
import { orderByRuns } from './flow-order.ts';
import { countChanges, printFault, printPlan, showText, type Paint } from './print-plan.ts';
import { placeFault, placeRefusal } from './fault-place.ts';
import { readFolder, type CodeFlow } from './read-folder.ts';
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
  readonly plan: FlowPlan;
}

/** Gives the exit code: 1 for a problem; with dry run 0 for no difference, 2 for some; else 0 when all is as the files say. */
export async function applyFolder(caller: Caller, given: ApplyChoices): Promise<number> {
  const { root, dryRun, paint, say } = given;
  const { flows, faults } = readFolder(root);
  const planned: Planned[] = [];
  if (faults.length === 0) for (const each of await planAll(caller, flows, given)) planned.push(each);
  const all = [
    ...faults,
    ...planned.flatMap(({ code, plan }) => plan.faults.map((fault) => placeOf(code, fault))),
  ];
  if (all.length > 0) {
    for (const fault of all) say.err(printFault(fault));
    say.err(`flowhook apply: ${all.length} ${all.length === 1 ? 'problem' : 'problems'}: nothing was done.`);
    return 1;
  }
  if (flows.length === 0) say.err('flowhook apply: the folder holds no flow (a folder with a flow.yaml).');
  for (const { plan } of planned) for (const line of printPlan(plan, paint)) say.out(line);
  const plans = planned.map(({ plan }) => plan);
  const changes = plans.some((plan) => plan.changes.length > 0);
  say.out(changes ? `${countChanges(plans)}.` : 'No difference.');
  if (dryRun) return changes ? 2 : 0;
  return (await writeAll(caller, planned, say)) ? 0 : 1;
}

function placeOf(code: CodeFlow, { kind, key, field, detail }: PlanFault): FileFault {
  return placeFault(code, { kind, key }, field, detail);
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
    planned.push({ code, remote, plan: planFlow(remote, code.spec, choices) });
  }
  return refuseSharedDatasets(planned);
}

/** A dataset that two flows share can't be two things at once: the second apply would change it back. */
function refuseSharedDatasets(planned: readonly Planned[]): Planned[] {
  const seen = new Map<number, { spec: string; flow: string }>();
  return planned.map((each) => {
    const faults = each.code.spec.datasets.flatMap((dataset): PlanFault[] => {
      const key = foldName(dataset.name);
      const id = each.remote?.ids.datasets.get(key);
      const spec = JSON.stringify(dataset);
      const first = id === undefined ? undefined : seen.get(id);
      if (id !== undefined && first === undefined) seen.set(id, { spec, flow: each.code.folder });
      if (first === undefined || first.spec === spec) return [];
      const detail = `is one dataset with that of ${first.flow}/flow.yaml, and is described otherwise there.`;
      return [{ kind: 'dataset', key, field: 'name', detail }];
    });
    return { ...each, plan: { ...each.plan, faults: [...each.plan.faults, ...faults] } };
  });
}

/** True when all is done. After the first flow that fails nothing more is done. */
async function writeAll(caller: Caller, planned: readonly Planned[], say: Say): Promise<boolean> {
  const done: string[] = [];
  for (const { code, plan, remote } of planned) {
    if (plan.changes.length === 0) continue;
    try {
      await writeFlow(caller, plan, remote, (flow, recipe) => findRecipeOf(caller, flow, recipe));
      done.push(code.spec.name);
    } catch (error) {
      if (!(error instanceof ChangeFailed)) throw error;
      sayFailure(code, error, done, say);
      return false;
    }
  }
  if (done.length > 0) say.out('Done.');
  return true;
}

function sayFailure(
  code: CodeFlow,
  { change, reason, undone }: ChangeFailed,
  done: readonly string[],
  say: Say,
): void {
  const faults = reason.isPassing
    ? [placeFault(code, change, null, `The server can’t be reached: ${reason.message}`)]
    : placeRefusal(code, change, reason);
  for (const fault of faults) say.err(printFault(fault));
  const earlier = done.length === 0 ? '' : ` Applied before it: ${done.map(showText).join(', ')}.`;
  say.err(`flowhook apply: ${showText(code.spec.name)} could not be applied. ${undone}${earlier}`);
}
