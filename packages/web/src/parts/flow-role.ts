// What the person who is signed in may do with a flow, by the list of its roles.
import { flowPermissionEndpoints } from '@flowhook/contract/flow-permission';
import type { AnswerOf } from '../api/call.ts';
import { useEndpoint } from '../api/query.ts';
import { hasRole, usePerson } from '../api/session-store.ts';

export type Permission = AnswerOf<typeof flowPermissionEndpoints.list>['data'][number];
export type FlowRole = Permission['role'];

/** Everybody with a role on a flow, the owner first. */
export function usePermissions(flowId: number) {
  return useEndpoint(flowPermissionEndpoints.list, { params: { id: flowId } });
}

/** Undefined until it is known. Administrators act as owners; the role in the workspace is the bound of all others. */
export function useFlowRole(flowId: number): FlowRole | undefined {
  const person = usePerson();
  const { data } = usePermissions(flowId);
  const own = data?.data.find((each) => each.person.id === person.id)?.role;
  if (hasRole(person, 'administrator')) return 'owner';
  return own !== undefined && !hasRole(person, 'author') ? 'readOnly' : own;
}
