// A process that runs a job up to its turn at the place, and stands still there until it is killed.
import { openDatabase } from '../src/db/open-database.ts';
import { leaseMs } from '../src/jobs/job-lease.ts';
import { claimJobs } from '../src/jobs/queue/job-claim.ts';
import { keepPlaces } from '../src/jobs/placing/place-taking.ts';
import { takeTurn } from '../src/jobs/placing/place-turn.ts';

const [url = '', dataDir = '', key = ''] = process.argv.slice(2);
const onError = (error: unknown) => console.error(error);
const db = await openDatabase({ url, dataDir, nodeName: 'holder', onError });
const had = await db.transaction(async (tx) => {
  const [job] = await claimJobs(tx, { nodeId: db.nodeId, max: 1, leaseMs, underWay: [] });
  if ((await keepPlaces(tx, job!)) !== null) throw new Error('the place is another’s');
  return takeTurn(tx, [key], { jobId: job!.id, attempt: job!.attempt, nodeId: db.nodeId });
});
if (had === null) throw new Error('no turn');
console.log('has the turn');
setInterval(() => undefined, 1000);
