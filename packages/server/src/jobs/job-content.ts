// A look into a job's frozen plan and its files, through the engine.
import type { Asker } from '../base/turn.ts';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Problem } from '../base/error.ts';
import type { Engine, PreviewResult } from '../engine/engine.ts';
import type { JobPlan } from '../flows/job-plan.ts';
import { toRefusal } from '../flows/refusal.ts';

export interface PlanEdge {
  readonly source: string;
  readonly target: string;
}

/** Who reads whom among the datasets and recipes of a plan, as the engine finds it in their SQL. */
export async function findPlanEdges(engine: Engine, asker: Asker, plan: JobPlan): Promise<PlanEdge[]> {
  const { datasets, recipes } = plan;
  const edges = await Promise.all(
    recipes.map(async ({ name, sql, primaryInput }) => {
      if (sql === null) return primaryInput === null ? [] : [{ source: primaryInput, target: name }];
      const checked = await engine.check({ datasets, recipes, target: name }, { asker });
      return checked.ok ? checked.references.map((source) => ({ source, target: name })) : [];
    }),
  );
  return edges.flat();
}

/** The first rows of a file that a job wrote; throws `gone` where it is no longer kept. */
export async function previewFile(
  engine: Engine,
  path: string,
  { asker, limit, signal }: { readonly asker: Asker; readonly limit: number; readonly signal: AbortSignal },
): Promise<PreviewResult & { ok: true }> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw new Problem('gone', 'The file of this job is no longer kept.');
  const files = [{ uri: path, name: basename(path) }];
  const found = await engine.inspect({ files }, { asker });
  if (!found.ok) throw toRefusal(found.failure, 'fileId');
  const { format, compression, options, columns: schema } = found;
  const name = 'file';
  const dataset = { name, format, compression, options, schema, files };
  const result = await engine.preview(
    { datasets: [dataset], recipes: [], target: name },
    { asker, limit, signal },
  );
  if (!result.ok) throw toRefusal(result.failure, 'fileId');
  return result;
}

/** Where a file of a job lies, by its row and the job's folder. */
export function locateFile(resultFolder: string, sourcePath: string): string {
  return join(resultFolder, sourcePath);
}
