// Who a schedule acts for: the flow's owner, with the rights that person has at that time.
import type { Read } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import type { OccurrenceReason } from './occurrence-store.ts';

export type Owner =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly reason: OccurrenceReason; readonly detail: string };

export async function findOwner(db: Read, flowId: number): Promise<Owner> {
  const person = await db
    .selectFrom('flows')
    .innerJoin('people', 'people.id', 'flows.owner_id')
    .select(['people.id', 'people.email', 'people.name', 'people.role', 'people.deleted_at'])
    .where('flows.id', '=', flowId)
    .executeTakeFirst();
  if (person === undefined || person.deleted_at !== null)
    return refuse('owner_removed', "The flow's owner is no longer here: make somebody else its owner.");
  if (person.role === 'viewer')
    return refuse(
      'owner_may_not_run',
      `The flow's owner, ${person.email}, is a viewer now and may not run flows: give the flow another owner.`,
    );
  const { id: personId, email, name, role } = person;
  const caller = { personId, email, name, role, via: 'token', readOnly: false, flowIds: null } as const;
  return { ok: true, caller };
}

function refuse(reason: OccurrenceReason, detail: string): Owner {
  return { ok: false, reason, detail };
}
