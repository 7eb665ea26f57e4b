// A look into a job: the graph of what ran, the first rows of what it wrote.
import { jobContentEndpoints as endpoints } from '@flowhook/contract/job/job-content';
import { notFound, Problem } from '../../../base/error.ts';
import type { Database } from '../../../db/database.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { JobPlan } from '../../../flows/job-plan.ts';
import { requireJob } from '../../../jobs/job.ts';
import { findPlanEdges, locateFile, previewFile } from '../../../jobs/job-content.ts';
import { abortWithClient } from '../../client-end.ts';
import { implement, type Route } from '../../route.ts';

export interface JobContentRoutes {
  readonly db: Database;
  readonly engine: Engine;
}

export function jobContentRoutes({ db, engine }: JobContentRoutes): Route[] {
  return [
    implement(endpoints.graph, async ({ params, caller }) => {
      const plan = JSON.parse((await requireJob(db, caller, params.id)).plan) as JobPlan | null;
      if (plan === null)
        throw new Problem(
          'not_found',
          'This job ran somewhere else and was only reported here: it has no plan.',
        );
      return {
        data: showNodes(plan),
        edges: await findPlanEdges(engine, caller.personId, plan),
        files: showFiles(plan),
      };
    }),
    implement(endpoints.preview, async ({ params, query, caller, reply }) => {
      const job = await requireJob(db, caller, params.id);
      const file = await db.read
        .selectFrom('job_files')
        .select('source_path')
        .where('job_id', '=', params.id)
        .where('id', '=', params.fileId)
        .executeTakeFirst();
      if (file === undefined || job.result_folder === null) throw notFound('file', params.fileId);
      const path = locateFile(job.result_folder, file.source_path);
      const found = await previewFile(engine, path, {
        asker: caller.personId,
        limit: query.limit,
        signal: abortWithClient(reply),
      });
      const { columns, rows, truncated, sample, warnings } = found;
      return { columns, rows, truncated, sample, warnings };
    }),
  ];
}

function showNodes({ recipes, inputs, output }: JobPlan) {
  const datasets = inputs.map(({ name, uris }) => ({
    name,
    kind: 'dataset' as const,
    sql: null,
    uris: [...uris],
    isOutput: false,
  }));
  const shown = recipes.map(({ name, sql }) => ({
    name,
    kind: 'recipe' as const,
    sql,
    uris: [],
    isOutput: name === output,
  }));
  return [...datasets, ...shown];
}

function showFiles({ files }: JobPlan) {
  return files.map(({ plan, path, action }) => ({ path, format: plan.format, action }));
}
