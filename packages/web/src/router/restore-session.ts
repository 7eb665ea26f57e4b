// Asks who is signed in, before the first page is shown.
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { Problem } from '@flowhook/client/problem';
import { call } from '../api/call.ts';
import { noteSignedIn, noteSignedOut } from '../api/session-store.ts';

/** Throws an Problem where the server can't be asked. */
export async function restoreSession(): Promise<void> {
  try {
    noteSignedIn(await call(sessionEndpoints.get, {}, { atSessionEnd: 'throw' }));
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    noteSignedOut();
  }
}
