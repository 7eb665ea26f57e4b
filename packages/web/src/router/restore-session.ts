// Asks who is signed in, before the first page is shown.
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { ApiProblem } from '../api/api-problem.ts';
import { call } from '../api/call.ts';
import { noteSignedIn, noteSignedOut } from '../api/session-store.ts';

/** Throws an ApiProblem where the server can't be asked. */
export async function restoreSession(): Promise<void> {
  try {
    noteSignedIn(await call(sessionEndpoints.get, {}, { atSessionEnd: 'throw' }));
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
    noteSignedOut();
  }
}
