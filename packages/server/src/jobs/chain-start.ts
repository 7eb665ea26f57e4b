// A webhook task that runs another job: launched with the rights of who chose it, as they are now.
import type { Database } from '../db/database.ts';
import { readAccount } from '../people/account.ts';
import type { Caller } from '../people/caller.ts';
import type { JobToStart, StartJob } from '../webhooks/deliveries/run-job.ts';
import type { LaunchAnswer, LaunchRequest } from './launch.ts';

/** The launch is the one that a call of the API makes: the delivery's id starts one job, for ever. */
export function createStartJob(
  db: Database,
  launch: (request: LaunchRequest) => Promise<LaunchAnswer>,
): StartJob {
  return async (job: JobToStart) => {
    const caller = await readOwner(db, job.personId);
    const { recipeId, delivery, hop } = job;
    const answer = await launch({
      caller,
      recipeId,
      delivery,
      hop,
      name: null,
      description: null,
      ranFrom: 'api',
      profiler: undefined,
      writeSettings: undefined,
      parameters: [],
      executionId: null,
    });
    return answer.id;
  };
}

async function readOwner(db: Database, personId: number): Promise<Caller> {
  const { email, name, role } = await readAccount(db.read, personId);
  return { personId, email, name, role, via: 'session', readOnly: false, flowIds: null };
}
