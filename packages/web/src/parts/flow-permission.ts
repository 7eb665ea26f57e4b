// Who may do what with a flow: the list of its roles.
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useEndpoint } from '../api/query.ts';

export type Permission = AnswerOf<typeof flowPermissionEndpoints.list>['data'][number];
export type FlowRole = Permission['role'];

/** Everybody with a role on a flow, the owner first. */
export function usePermissions(flowId: number) {
  return useEndpoint(flowPermissionEndpoints.list, { params: { id: flowId } });
}
