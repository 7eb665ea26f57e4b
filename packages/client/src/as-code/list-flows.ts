// The flows that a token sees, and those that it may change: code holds what only an editor sees.
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { personEndpoints as people } from '@flowhook/contract/person/person';
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
