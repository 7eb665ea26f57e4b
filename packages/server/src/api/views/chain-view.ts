// Chains of jobs as the API shows them, and what started one job.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { sql } from 'kysely';
import type { Read } from '../../db/database.ts';
import { readChain, type Chain, type ChainLink } from '../../jobs/chain.ts';
import { readJobs } from '../../jobs/job-read.ts';
import type { Caller } from '../../people/caller.ts';
import { showJob } from './job-view.ts';
import { refer } from './list.ts';

type JobGroup = ReplyOf<typeof jobGroupEndpoints.get>;

export async function showChain(db: Read, chain: Chain): Promise<ReplyOf<typeof jobGroupEndpoints.chain>> {
  const where = sql<boolean>`j.id in (${sql.join([...chain.jobIds])})`;
  const rows = await readJobs(db, { where, orderBy: sql`j.id`, page: sql`` });
  return {
    jobGroups: rows.map((row) => {
      const { id, name, status, startedAt, finishedAt } = showJob(row, []);
      const recipe = row.recipe_id === null ? null : { id: row.recipe_id, name: row.recipe_name ?? '' };
      return {
        id,
        name,
        status,
        startedAt,
        finishedAt,
        flow: { id: row.flow_id, name: row.flow_name },
        wrangledDataset: recipe,
      };
    }),
    links: chain.links.map(({ sourceJobId, targetJobId, delivery, deliveryId, ...task }) => ({
      source: sourceJobId,
      target: targetJobId,
      webhookFlowTask: showTask(task),
      webhookDelivery: { id: deliveryId },
      deliveryId: delivery,
    })),
    truncated: chain.truncated,
  };
}

/** What started a job, with job and task where a webhook of this server did and the caller may see them. */
export async function showStart(
  db: Read,
  caller: Caller,
  { id, startedBy }: Pick<JobGroup, 'id' | 'startedBy'>,
): Promise<JobGroup['startedBy']> {
  if (startedBy.delivery === null) return startedBy;
  const { links } = await readChain(db, caller, id);
  const link = links.find(({ targetJobId }) => targetJobId === id);
  if (link === undefined)
    return { ...startedBy, jobGroup: null, webhookFlowTask: null, webhookDelivery: null };
  return {
    ...startedBy,
    jobGroup: refer(link.sourceJobId),
    webhookFlowTask: showTask(link),
    webhookDelivery: { id: link.deliveryId },
  };
}

function showTask({
  taskId: id,
  taskName: name,
  taskFlowId,
}: Pick<ChainLink, 'taskId' | 'taskName' | 'taskFlowId'>) {
  return { id, name, flow: { id: taskFlowId } };
}
