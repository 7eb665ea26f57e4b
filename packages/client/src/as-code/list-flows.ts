// The flows that a token sees, and those that it may change: code holds what only an editor sees.
import { foldName } from '@flowhook/contract/flow/name';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { personEndpoints as people } from '@flowhook/contract/person/person';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { Caller } from '../caller.ts';
import { refuse } from '../problem.ts';

export interface ListedFlow {
  readonly id: number;
  readonly name: string;
}

/** By id. Throws a Problem. */
export async function listFlows({ call }: Caller): Promise<ListedFlow[]> {
  const { data } = await call(flows.list, { query: { noLimit: true, sort: 'id' } });
  return data.map(({ id, name }) => ({ id, name }));
}

/** The flow of this name; undefined where there is none. Throws a Problem where several have it. */
export function findFlow(listed: readonly ListedFlow[], name: string): ListedFlow | undefined {
  const [found, ...more] = listed.filter((flow) => flow.name === name);
  if (more.length === 0) return found;
  const ids = [found!, ...more].map(({ id }) => id).join(', ');
  throw refuse(
    'conflict',
    `Several flows are named ${JSON.stringify(name)} (${ids}): rename all but one, since code knows them by their names.`,
  );
}

/** A question that is asked once of the server for all flows. */
export function createRightsCheck({ call }: Caller): (flowId: number) => Promise<boolean> {
  const current = call(people.current);
  return async (flowId) => {
    const { id, isAdmin } = await current;
    if (isAdmin) return true;
    const { data } = await call(permissions.list, { params: { id: flowId } });
    return data.some(({ person, role }) => person.id === id && role !== 'readOnly');
  };
}

/** Finds what a task runs in another flow, as it is at that moment: it may have been made just before. */
export async function findRecipeOf(caller: Caller, flowName: string, recipeName: string): Promise<number> {
  const flow = findFlow(await listFlows(caller), flowName);
  if (flow === undefined)
    throw refuse(
      'not_found',
      `There is no flow named ${JSON.stringify(flowName)}, or this token may not see it.`,
    );
  const query = { flowId: flow.id, noLimit: true, sort: 'id' };
  const { data } = await caller.call(recipes.list, { query });
  const found = data.find(({ name }) => foldName(name) === foldName(recipeName));
  if (found !== undefined) return found.id;
  throw refuse('not_found', `The flow ${flowName} has no recipe named ${JSON.stringify(recipeName)}.`);
}
