// What lists of jobs can be narrowed to: the job history's filters.
import { z } from 'zod';
import { flag, idText, listQueryOf, namesPattern, time } from '../convention.ts';
import { ranFroms } from './job-launch.ts';

export const jobStatuses = ['Created', 'InProgress', 'Complete', 'Failed', 'Canceled'] as const;
export const jobStatus = z.enum(jobStatuses).meta({ id: 'JobStatus' });
export const starterKinds = ['person', 'schedule', 'webhook', 'external'] as const;

/** One value of a closed list, or several comma-separated. */
export function oneOrSeveral<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z
    .string()
    .max(200)
    .transform((text) =>
      text
        .split(',')
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    )
    .pipe(z.array(z.enum(values)).max(values.length))
    .meta(namesPattern(values));
}

/** Embeds that ask for the steps, and for what they wrote. */
export const stepEmbeds = ['jobs.fileWriterJob', 'jobs.fileWriterJob.writeSetting'] as const;
export const jobNames = {
  sort: ['id', 'name', 'createdAt', 'updatedAt', 'startedAt', 'finishedAt', 'status'],
  filter: ['name', 'description', 'flowName'],
  embed: ['jobs', ...stepEmbeds, 'wrangledDataset', 'flow', 'creator', 'webhooks'],
} as const;
export const jobListQuery = listQueryOf(jobNames).extend({
  flowId: idText.optional().describe('Jobs of this flow.'),
  wrangledDatasetId: idText.optional().describe('Jobs of this recipe.'),
  flowRunId: idText.optional().describe('Jobs of this flow run.'),
  creatorId: idText.optional().describe('Jobs that this person started.'),
  status: oneOrSeveral(jobStatuses).optional().describe('One status, or several comma-separated.'),
  external: flag.optional().describe('true: runs of something else alone; false: runs of outputs alone.'),
  startedBy: oneOrSeveral(starterKinds).optional().describe('One kind of starter, or several.'),
  ranfrom: oneOrSeveral(ranFroms).optional().describe('One place, or several.'),
  from: time.optional().describe('Made at this time or later.'),
  to: time.optional().describe('Made before this time.'),
  after: idText.optional().describe('Cursor: jobs with an id below this one, newest first.'),
});
