// Pure: what becomes of somebody who comes by single sign-on.
import type { SignInProblem } from '@flowhook/contract/person/sign-in';
import type { Role } from './caller.ts';

/** What the provider says of who came; `emailVerified` is null where it does not say. */
export interface Claims {
  readonly issuer: string;
  /** Who it is at that provider, for ever; an email address may change hands. */
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean | null;
  readonly name: string | null;
}

export interface ArrivalRules {
  readonly newPeople: 'refused' | 'viewer' | 'author';
  /** Empty: every domain. */
  readonly emailDomains: readonly string[];
  /** An email address counts as verified where the provider does not say. */
  readonly trustEmail: boolean;
}

/** Whom the database knows, of those who have not been removed. */
export interface Known {
  readonly byIdentity: number | null;
  readonly byEmail: {
    readonly id: number;
    readonly role: Role;
    /** True where somebody of the same provider has this account already. */
    readonly isTaken: boolean;
  } | null;
}

export type Arrival =
  | { readonly kind: 'known'; readonly personId: number }
  /** The account with this email address is theirs from now on. */
  | { readonly kind: 'link'; readonly personId: number }
  | {
      readonly kind: 'create';
      readonly email: string;
      readonly name: string;
      readonly role: 'viewer' | 'author';
    }
  | { readonly kind: 'refuse'; readonly problem: SignInProblem };

/** Who is known by the provider's subject comes in; others by a verified email address, as the rules allow. */
export function judgeArrival(claims: Claims, known: Known, rules: ArrivalRules): Arrival {
  const { email } = claims;
  if (email !== null && !isAllowed(email, rules)) return refuse('domain_refused');
  if (known.byIdentity !== null) return { kind: 'known', personId: known.byIdentity };
  if (email === null) return refuse('email_missing');
  if (!(claims.emailVerified ?? rules.trustEmail)) return refuse('email_not_verified');
  if (known.byEmail !== null) return judgeLink(known.byEmail);
  if (rules.newPeople === 'refused') return refuse('no_account');
  const name = claims.name?.trim().slice(0, 255) ?? '';
  return { kind: 'create', email, name: name === '' ? email.split('@')[0]! : name, role: rules.newPeople };
}

/**
 * An address can change hands at the provider, an account can't: one subject of a provider has it. An administrator's is
 * worth too much to go by an address at all.
 */
function judgeLink({ id, role, isTaken }: NonNullable<Known['byEmail']>): Arrival {
  if (isTaken) return refuse('other_subject');
  if (role === 'administrator') return refuse('administrator_by_address');
  return { kind: 'link', personId: id };
}

function isAllowed(email: string, { emailDomains }: ArrivalRules): boolean {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return emailDomains.length === 0 || emailDomains.some((allowed) => allowed.toLowerCase() === domain);
}

function refuse(problem: SignInProblem): Arrival {
  return { kind: 'refuse', problem };
}
