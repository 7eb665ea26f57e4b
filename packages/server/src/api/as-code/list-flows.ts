// The flows that a token sees, and those that it may change: code holds what only an editor sees.
import { foldName } from '@flowhook/contract/flow/name';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { personEndpoints as people } from '@flowhook/contract/person/person';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { Refused, type Ask } from '../api-client.ts';
import { readEvery, readOne } from './api-read.ts';

export interface ListedFlow {
  readonly id: number;
  readonly name: string;
}

/** By id. Throws `Unreachable` or `Refused`. */
export async function listFlows(ask: Ask): Promise<ListedFlow[]> {
  const found = await readEvery(ask, flows.list, { noLimit: 'true', sort: 'id' });
  return found.map(({ id, name }) => ({ id, name }));
}

/** The flow of this name; undefined where there is none. Throws `Refused` where several have it. */
export function findFlow(listed: readonly ListedFlow[], name: string): ListedFlow | undefined {
  const [found, ...more] = listed.filter((flow) => flow.name === name);
  if (more.length === 0) return found;
  const ids = [found!, ...more].map(({ id }) => id).join(', ');
  throw new Refused(
    409,
    `Several flows are named ${JSON.stringify(name)} (${ids}): rename all but one, since code knows them by their names.`,
  );
}

/** A question that is asked once of the server for all flows. */
export function createRightsCheck(ask: Ask): (flowId: number) => Promise<boolean> {
  const current = readOne(ask, people.current, 0);
  return async (flowId) => {
    const { id, isAdmin } = await current;
    if (isAdmin) return true;
    const { data } = await readOne(ask, permissions.list, flowId);
    return data.some(({ person, role }) => person.id === id && role !== 'readOnly');
  };
}

/** Finds what a task runs in another flow, as it is at that moment: it may have been made just before. */
export async function findRecipeOf(ask: Ask, flowName: string, recipeName: string): Promise<number> {
  const flow = findFlow(await listFlows(ask), flowName);
  if (flow === undefined)
    throw new Refused(
      404,
      `There is no flow named ${JSON.stringify(flowName)}, or this token may not see it.`,
    );
  const all = await readEvery(ask, recipes.list, { flowId: String(flow.id), noLimit: 'true', sort: 'id' });
  const found = all.find(({ name }) => foldName(name) === foldName(recipeName));
  if (found !== undefined) return found.id;
  throw new Refused(404, `The flow ${flowName} has no recipe named ${JSON.stringify(recipeName)}.`);
}
