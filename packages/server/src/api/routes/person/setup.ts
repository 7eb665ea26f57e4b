// The one-time set-up: the first administrator, by the link that the server printed.
import { setupEndpoints as endpoints } from '@flowhook/contract/person/setup';
import { completeSetup, isSetupNeeded } from '../../../people/first-start.ts';
import { requireOwnOrigin } from '../../credentials.ts';
import { implement, type Route } from '../../route.ts';
import { openSession, type SessionRoutes } from './session.ts';

export function setupRoutes(options: SessionRoutes): Route[] {
  const { db, limit, origins } = options;
  return [
    implement(endpoints.get, async () => ({ needed: await isSetupNeeded(db.read) })),
    implement(endpoints.create, async ({ body, request, reply }) => {
      requireOwnOrigin(request, origins);
      await limit.guard(request.ip, { kind: 'setup' }, () => completeSetup(db, body.token, body));
      return openSession(options, request, reply, body);
    }),
  ];
}
