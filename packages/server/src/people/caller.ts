// Who is calling, and what that allows before any single object is looked at.
import { Problem } from '../base/error.ts';

export type Role = 'administrator' | 'author' | 'viewer';

export interface Caller {
  readonly personId: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'token' | 'basic';
  /** A read-only token changes nothing. */
  readonly readOnly: boolean;
  /** A token narrowed to flows sees no other flow and nothing outside of flows; null sees all that the person does. */
  readonly flowIds: readonly number[] | null;
  /** The token that was brought; absent for a session or a password. */
  readonly tokenId?: string;
  /** When the session or token ends, epoch milliseconds; null or absent: never. */
  readonly expiresAt?: number | null;
}

const rank: Record<Role, number> = { viewer: 0, author: 1, administrator: 2 };

/** Throws `forbidden` unless the caller's role is at least `role`. */
export function requireRole(caller: Caller, role: Role): void {
  if (rank[caller.role] >= rank[role]) return;
  throw new Problem(
    'forbidden',
    `This needs the role ${role}; yours is ${caller.role}. Ask an administrator.`,
  );
}

/** Throws `forbidden` for a token that is narrowed to flows: what is asked for lies outside of them. */
export function requireWhole(caller: Caller): void {
  if (caller.flowIds === null) return;
  throw new Problem(
    'forbidden',
    'This access token is narrowed to flows, and this lies outside of them: use another token.',
  );
}
