// Who a schedule acts for: the flow's owner, with the rights that person has at that time.
import type { Read } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import type { OccurrenceReason } from './occurrence-state.ts';

export type Owner =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly reason: OccurrenceReason; readonly detail: string };

/** The owners of flows. */
export async function findOwners(db: Read, flowIds: readonly number[]): Promise<(flowId: number) => Owner> {
  const rows = await db
    .selectFrom('flows')
    .innerJoin('people', 'people.id', 'flows.owner_id')
    .select(['flows.id as flow_id', 'people.id', 'people.email', 'people.name', 'people.role'])
    .select('people.deleted_at')
    .where('flows.id', 'in', flowIds)
    .execute();
  const owners = new Map(rows.map(({ flow_id, ...person }) => [flow_id, toOwner(person)]));
  return (flowId) => owners.get(flowId) ?? removed();
}

interface Person {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Caller['role'];
  readonly deleted_at: number | null;
}

function toOwner({ id: personId, email, name, role, deleted_at }: Person): Owner {
  if (deleted_at !== null) return removed();
  if (role === 'viewer')
    return refuse(
      'owner_may_not_run',
      `The flow's owner, ${email}, is a viewer now and may not run flows: give the flow another owner.`,
    );
  const caller = { personId, email, name, role, via: 'token', readOnly: false, flowIds: null } as const;
  return { ok: true, caller };
}

function removed(): Owner {
  return refuse('owner_removed', "The flow's owner is no longer here: make somebody else its owner.");
}

function refuse(reason: OccurrenceReason, detail: string): Owner {
  return { ok: false, reason, detail };
}
