// All routes, by the rooms that answer them: one line a resource.
import type { ExternalJobs } from '../jobs/external-job.ts';
import type { FinishContext } from '../jobs/finish.ts';
import type { SignIn } from '../people/sign-in.ts';
import type { Deliverer } from '../webhooks/deliverer.ts';
import type { Ground } from '../workspace/ground.ts';
import type { Route } from './route.ts';
import { accessTokenRoutes } from './routes/access-token.ts';
import { externalJobRoutes } from './routes/external-job.ts';
import { healthRoutes } from './routes/health.ts';
import { personRoutes } from './routes/person.ts';
import { sessionRoutes } from './routes/session.ts';
import { setupRoutes } from './routes/setup.ts';
import { workspaceRoutes } from './routes/workspace.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface Rooms extends Ground {
  readonly finish: FinishContext;
  readonly deliverer: Deliverer;
  readonly external: ExternalJobs;
  readonly signIn: SignIn;
  readonly limit: SignInLimit;
  readonly basePath: string;
  readonly origins: readonly string[];
  readonly outputsDir: string;
}

export function createRoutes(rooms: Rooms): Route[] {
  const { db, clock, config, workspace, external, origins } = rooms;
  const { now } = clock;
  const secure = origins.some((origin) => origin.startsWith('https:'));
  const sessions = { ...rooms, now, secure, sessionMs: config.sessionSeconds * 1000 };
  return [
    ...healthRoutes(rooms),
    ...sessionRoutes(sessions),
    ...setupRoutes(sessions),
    ...personRoutes(rooms),
    ...accessTokenRoutes({ db, now }),
    ...workspaceRoutes(workspace),
    ...externalJobRoutes({ db, external, now }),
  ];
}
