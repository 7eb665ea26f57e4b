// Who is signed in, for the whole page; and where calls wait while a session that ended is opened again.
import { useSyncExternalStore } from 'react';
import type { Session } from './entry-call.ts';
import { tellSignedIn } from './session-call.ts';

export type Person = Session['person'];
export type Role = Person['role'];

export interface SessionState {
  /** `ended`: somebody was signed in, and the page still shows their work. */
  readonly status: 'unknown' | 'in' | 'out' | 'ended';
  /** The last one, also while it has ended. */
  readonly session: Session | null;
}

let state: SessionState = { status: 'unknown', session: null };
let waiting: PromiseWithResolvers<void> | undefined;
const listeners = new Set<() => void>();

export function readSession(): SessionState {
  return state;
}

export function useSession(): SessionState {
  return useSyncExternalStore(subscribe, readSession);
}

/** The person who is signed in; only pages behind sign-in ask. */
export function usePerson(): Person {
  const { session } = useSession();
  if (session === null) throw new Error('nobody is signed in here');
  return session.person;
}

const rank: Readonly<Record<Role, number>> = { viewer: 0, author: 1, administrator: 2 };

export function hasRole(person: Person, role: Role): boolean {
  return rank[person.role] >= rank[role];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function noteSignedIn(session: Session): void {
  if (state.status !== 'in') tellSignedIn();
  write({ status: 'in', session });
  waiting?.resolve();
  waiting = undefined;
}

export function noteSignedOut(): void {
  write({ status: 'out', session: null });
}

/** Called when the server no longer knows the session: resolves when somebody has signed in again. */
export function awaitSignIn(signal?: AbortSignal): Promise<void> {
  if (state.status === 'in') write({ ...state, status: 'ended' });
  waiting ??= Promise.withResolvers<void>();
  const { promise } = waiting;
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    void promise.then(resolve);
  });
}

function write(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}
