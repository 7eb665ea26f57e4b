// Pure: what a person may do with a flow.
import { Problem, notFound } from '../base/error.ts';
import type { Caller } from './caller.ts';

/** Viewers read and run, editors change, owners delete and share. Administrators act as owners. */
export type FlowRole = 'viewer' | 'editor' | 'owner';

/** What a caller must be for what is asked; what is deleted looks as if it did not exist unless it is asked for, too. */
export type Need = FlowRole | { readonly role: FlowRole; readonly includeDeleted: boolean | undefined };

export function readNeed(need: Need): { readonly role: FlowRole; readonly includeDeleted: boolean } {
  if (typeof need === 'string') return { role: need, includeDeleted: false };
  return { role: need.role, includeDeleted: need.includeDeleted === true };
}

export interface FlowOwnership {
  readonly flowId: number;
  readonly ownerId: number;
  /** The caller's grant on this flow, if there is one. */
  readonly grant: 'editor' | 'viewer' | null;
}

const rank: Record<FlowRole, number> = { viewer: 0, editor: 1, owner: 2 };

/** The caller's role on a flow; null where it must look as if the flow did not exist. */
export function findFlowRole(caller: Caller, { flowId, ownerId, grant }: FlowOwnership): FlowRole | null {
  if (caller.flowIds !== null && !caller.flowIds.includes(flowId)) return null;
  if (caller.role === 'administrator' || caller.personId === ownerId) return 'owner';
  return grant;
}

/** Throws `not_found` if the caller may not see the flow, `forbidden` if not do this with it. */
export function requireFlowRole(
  caller: Caller,
  ownership: FlowOwnership | undefined,
  needed: FlowRole,
  flowId: number,
): void {
  const role = ownership === undefined ? null : findFlowRole(caller, ownership);
  if (role === null) throw notFound('flow', flowId);
  if (rank[role] < rank[needed])
    throw new Problem('forbidden', `This needs to be the flow's ${needed}; you are its ${role}.`);
}
