// Pure: what a person may do with a flow: the lesser of their roles in the workspace and on the flow.
import type { z } from 'zod';
import type { flow } from '@flowhook/contract/flow/flow';
import type { person } from '@flowhook/contract/person/person';

export interface FlowRights {
  /** Run its outputs. */
  readonly run: boolean;
  /** Change what is in it, its webhook tasks and their deliveries. */
  readonly change: boolean;
  /** Delete and share it. */
  readonly own: boolean;
}

type Role = z.output<typeof person>['role'];
type FlowRole = z.output<typeof flow>['callerRole'];

/** Nothing may be done while the role on the flow is not known. */
export function rightsOf({ role }: { readonly role: Role }, flowRole: FlowRole | undefined): FlowRights {
  const author = role !== 'viewer' && flowRole !== undefined;
  return { run: author, change: author && flowRole !== 'readOnly', own: author && flowRole === 'owner' };
}
