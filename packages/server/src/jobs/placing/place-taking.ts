// The places of jobs: taken as they are launched, and looked at again before their files are put there.
import type { Tx } from '../../db/database.ts';
import type { JobPlan, PlannedFile } from '../../flows/job-plan.ts';
import { claimPlaces, type PlaceWish } from '../../flows/places/place-claim.ts';
import { PlaceTaken } from '../../flows/places/place-refusal.ts';
import { toPlace } from '../../flows/places/place-rule.ts';
import type { PlaceClaim } from '../../flows/places/place-store.ts';
import type { ClaimedJob } from '../job-move.ts';
import type { NewJob } from '../new-job.ts';

type Writer = Pick<NewJob, 'flowId' | 'recipeId'>;

/** Takes the places of launches, each with one job or several, all of one launch or none; gives its jobs as they will be, or why not. */
export async function takePlaces(
  tx: Tx,
  launches: readonly (readonly NewJob[])[],
): Promise<(readonly NewJob[] | PlaceTaken)[]> {
  const groups = launches.map((jobs) => jobs.flatMap((job) => listWishes(job, listFiles(job))));
  const answers = await claimPlaces(tx, groups);
  return answers.map((answer, index) =>
    answer.ok ? withPaths(launches[index]!, answer.taken) : new PlaceTaken(answer),
  );
}

/**
 * Before a job's files are put in their places: another flow may hold one by now, where this one's has ended meanwhile.
 * Returns why they can't be put there; null where they can.
 */
export async function keepPlaces(tx: Tx, job: ClaimedJob): Promise<PlaceTaken | null> {
  const wishes = listWishes(job, job.plan.files).map(({ first }) => ({ first, spare: null }));
  const [answer] = await claimPlaces(tx, [wishes]);
  return answer?.ok === false ? new PlaceTaken(answer) : null;
}

/** The places of a job that has ended which another flow holds by now, by key, each with the sentence that says so. */
export async function findBarredPlaces(
  tx: Tx,
  { plan, ...job }: Writer & { readonly plan: JobPlan },
): Promise<Map<string, string>> {
  const wishes = listWishes(job, plan.files).map(({ first }) => [{ first, spare: null }]);
  const answers = await claimPlaces(tx, wishes);
  return new Map(
    answers.flatMap((answer) => (answer.ok ? [] : [[answer.claim.key, new PlaceTaken(answer).message]])),
  );
}

function listFiles({ plan }: NewJob): readonly PlannedFile[] {
  return plan?.files ?? [];
}

function listWishes(job: Writer, files: readonly PlannedFile[]): PlaceWish[] {
  return files.map((file) => ({
    first: toClaim(job, file, file.path),
    spare: file.spare === undefined ? null : toClaim(job, file, file.spare),
  }));
}

function toClaim({ flowId, recipeId }: Writer, { action, template }: PlannedFile, path: string): PlaceClaim {
  return { ...toPlace(path, action), path, flowId, recipeId, template: template ?? null };
}

function withPaths(jobs: readonly NewJob[], taken: readonly PlaceClaim[]): NewJob[] {
  const left = [...taken];
  return jobs.map((job) => {
    const { plan } = job;
    if (plan === null) return job;
    const files = plan.files.map((file) => ({ ...file, path: left.shift()!.path }));
    return { ...job, plan: { ...plan, files } };
  });
}
