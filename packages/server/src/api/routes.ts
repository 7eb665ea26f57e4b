// All routes, by the rooms that answer them: one line a resource.
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { SecretBox } from '../base/secret.ts';
import type { Database } from '../db/database.ts';
import type { ExternalJobs } from '../jobs/external-job.ts';
import type { FinishContext } from '../jobs/finish.ts';
import type { SignIn } from '../people/sign-in.ts';
import type { Deliverer } from '../webhooks/deliverer.ts';
import type { Workspace } from '../workspace/setting.ts';
import type { Route } from './route.ts';
import { externalJobRoutes } from './routes/external-job.ts';
import { healthRoutes } from './routes/health.ts';
import { accessTokenRoutes, personRoutes } from './routes/person.ts';
import { sessionRoutes } from './routes/session.ts';
import { workspaceRoutes } from './routes/workspace.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface Rooms {
  readonly db: Database;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly config: Config;
  readonly workspace: Workspace;
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
  const { db, clock, config, workspace, external, signIn, limit, basePath, origins, deliverer } = rooms;
  const { now } = clock;
  const sessions = {
    db,
    signIn,
    limit,
    basePath,
    origins,
    now,
    sessionMs: config.sessionSeconds * 1000,
    secure: origins.every((origin) => origin.startsWith('https:')),
  };
  return [
    ...healthRoutes({ db, workers: { webhooks: deliverer.worker.loop } }),
    ...sessionRoutes(sessions),
    ...personRoutes(db),
    ...accessTokenRoutes(db, now),
    ...workspaceRoutes(workspace),
    ...externalJobRoutes({ db, external, now }),
  ];
}
