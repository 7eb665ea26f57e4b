// Calls what is asked before anybody is signed in. By heads alone: the sign-in page fetches no schema.
import type { z } from 'zod';
import { writeAddress } from '@flowhook/client/request';
import { Problem } from '@flowhook/client/problem';
import { entryHeads } from '@flowhook/contract/person/entry';
import type { session, sessionCreate } from '@flowhook/contract/person/session';
import type { setupCreate, setupState } from '@flowhook/contract/person/setup';
import type { signInWays } from '@flowhook/contract/person/sign-in';
import { basePath } from './place.ts';
import { sendOnce } from './send-once.ts';

export type Session = z.output<typeof session>;
export type Ways = z.output<typeof signInWays>;
export type SetupState = z.output<typeof setupState>;

/** Null where nobody is signed in. Throws a Problem where the server can't be asked. */
export async function askSession(): Promise<Session | null> {
  try {
    return (await sendOnce(entryHeads.readSession, {})) as Session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export async function signIn(body: z.input<typeof sessionCreate>): Promise<Session> {
  return (await sendOnce(entryHeads.signIn, { body })) as Session;
}

export async function setUp(body: z.input<typeof setupCreate>): Promise<Session> {
  return (await sendOnce(entryHeads.setUp, { body })) as Session;
}

/** What the sign-in page says beside its form; null for what could not be asked: the form works without. */
export interface EntryFacts {
  readonly ways: Ways | null;
  readonly setup: SetupState | null;
}

/** Asked while the code of the page is still to come, and taken by it once. */
let ahead: Promise<EntryFacts> | undefined;

export function askFactsAhead(): void {
  ahead = askFacts();
}

export function askEntryFacts(): Promise<EntryFacts> {
  const asked = ahead ?? askFacts();
  ahead = undefined;
  return asked;
}

async function askFacts(): Promise<EntryFacts> {
  const orNull = () => null;
  const [ways, setup] = await Promise.all([askWays().catch(orNull), askSetup().catch(orNull)]);
  return { ways, setup };
}

async function askWays(): Promise<Ways> {
  return (await sendOnce(entryHeads.readWays, {})) as Ways;
}

export async function askSetup(): Promise<SetupState> {
  return (await sendOnce(entryHeads.readSetup, {})) as SetupState;
}

/** Where a whole page load begins the single sign-on; `next` is the page to go to afterwards. */
export function addressOfSingleSignOn(next: string | undefined): string {
  return writeAddress(basePath, entryHeads.singleSignOn, { query: { returnTo: next } });
}
