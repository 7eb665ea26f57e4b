// The rights of who is signed in on a flow.
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import type { AnswerOf } from '@flowhook/client/call-input';
import { rightsOf, type FlowRights } from './flow-role.ts';
import { useEndpoint } from './query.ts';
import { usePerson } from './session-store.ts';

type Flow = AnswerOf<typeof flowEndpoints.get>;

/** The rights on a flow that has been read. */
export function useRightsOn(flow: Pick<Flow, 'callerRole'> | undefined): FlowRights {
  return rightsOf(usePerson(), flow?.callerRole);
}

/** The rights on the flow of what is shown, such as a job; its history stays readable where it was deleted. */
export function useFlowRights(flowId: number | undefined): FlowRights {
  const { data } = useEndpoint(
    flowEndpoints.get,
    { params: { id: flowId ?? 0 }, query: { includeDeleted: 'true', fields: 'callerRole' } },
    { enabled: flowId !== undefined },
  );
  return useRightsOn(data);
}
