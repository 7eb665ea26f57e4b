// Who somebody is at a provider of single sign-on: found, linked to an account, or given one.
import type { SignInProblem } from '@flowhook/contract/person/sign-in';
import type { Database, Tx } from '../db/database.ts';
import { writeAudit } from '../workspace/audit-log.ts';
import { findAccount, insertAccount } from './account.ts';
import { judgeArrival, type Arrival, type ArrivalRules, type Claims } from './arrival.ts';

/** The person who came, or why nobody was let in. All or nothing. */
export async function admit(
  db: Database,
  claims: Claims,
  rules: ArrivalRules,
): Promise<{ readonly personId: number } | { readonly problem: SignInProblem }> {
  return db.transaction(async (tx) => {
    const byIdentity = await findIdentity(tx, claims);
    const byEmail = claims.email === null ? undefined : await findAccount(tx, claims.email);
    const known = byEmail && { ...byEmail, isTaken: await isTaken(tx, claims, byEmail.id) };
    const arrival = judgeArrival(claims, { byIdentity, byEmail: known ?? null }, rules);
    if (arrival.kind === 'refuse') return { problem: arrival.problem };
    return { personId: await settle(tx, claims, arrival) };
  });
}

type Admission = Exclude<Arrival, { readonly kind: 'refuse' }>;

async function settle(tx: Tx, claims: Claims, arrival: Admission): Promise<number> {
  if (arrival.kind === 'known') return arrival.personId;
  const personId =
    arrival.kind === 'link'
      ? arrival.personId
      : await insertAccount(tx, { ...arrival, passwordHash: null }, null);
  const { issuer, subject } = claims;
  const row = { person_id: personId, created_at: tx.now };
  await tx
    .insertInto('person_identities')
    .values({ issuer, subject, ...row })
    // Left of somebody who has been removed since: the subject is the same, the account a new one.
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet(row))
    .execute();
  const entry = { personId, action: 'create', objectKind: 'identity', objectId: personId } as const;
  await writeAudit(tx, { ...entry, after: { issuer, subject } });
  return personId;
}

async function findIdentity(tx: Tx, { issuer, subject }: Claims): Promise<number | null> {
  const row = await tx
    .selectFrom('person_identities as i')
    .innerJoin('people as p', 'p.id', 'i.person_id')
    .select('p.id')
    .where('i.issuer', '=', issuer)
    .where('i.subject', '=', subject)
    .where('p.deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Whether another subject of this issuer has the account. */
async function isTaken(tx: Tx, { issuer }: Claims, personId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('person_identities')
    .select('subject')
    .where('issuer', '=', issuer)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row !== undefined;
}
