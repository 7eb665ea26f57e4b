// Reads a flow with everything that hangs on it.
import { sql } from 'kysely';
import type { SecretBox } from '../base/secret.ts';
import type { Read } from '../db/database.ts';
import type { FlowRow } from '../flows/flow-store.ts';
import type { StoredNode } from '../flows/graph-store.ts';
import type { OutputRow, WriteSettingRow } from '../flows/output-store.ts';
import type { ScheduleContent, ScheduleRow } from '../schedules/schedule-store.ts';
import type { Task } from '../webhooks/tasks/stored-task.ts';
import { readTarget } from '../webhooks/messages/url-template.ts';
import { readWithheldHost, writeWithheldUrl } from '../webhooks/tasks/missing-secret.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import { orderByInputs } from './input-order.ts';
import { emptyReading } from './flow-content.ts';
import { readFlowRows, showParameter } from './flow-rows.ts';
import type { DatasetPart, FlowContent, OutputPart, TaskPart, TaskTarget } from './flow-content.ts';

/** Datasets and recipes each after what they read; webhook tasks, without any secret, only for who may see them whole. */
export async function readContent(
  db: Read,
  box: SecretBox,
  flow: FlowRow,
  { withTasks }: { readonly withTasks: boolean },
): Promise<FlowContent> {
  const rows = await readFlowRows(db, box, flow.id, { withTasks });
  const { graph } = rows;
  const notes = await readNotes(db, flow.id);
  const ids = [...graph.keys()].toSorted((a, b) => a - b);
  const nodes = orderByInputs(ids, (id) => graph.get(id)!.inputIds).map((id) => graph.get(id)!);
  const descriptions = new Map(rows.recipes.map(({ id, description }) => [id, description]));
  return {
    key: flow.id,
    name: flow.name,
    description: flow.description,
    datasets: nodes.filter(({ kind }) => kind === 'dataset').map(toDatasetPart),
    recipes: nodes
      .filter(({ kind }) => kind === 'recipe')
      .map(({ id, name, sql: text, inputIds, primaryInputId }) => ({
        key: id,
        name,
        description: descriptions.get(id) ?? null,
        sql: text,
        note: notes.get(id) ?? null,
        inputs: inputIds,
        primary: primaryInputId,
      })),
    outputs: rows.outputs.map((output) => toOutputPart(output, rows.settings)),
    tasks: await toTaskParts(db, flow.id, rows.tasks),
    parameters: rows.parameters.map(showParameter),
    schedule: rows.schedule === null ? null : toScheduleContent(rows.schedule),
  };
}

async function readNotes(db: Read, flowId: number): Promise<Map<number, string>> {
  const rows = await db
    .selectFrom('recipe_notes')
    .innerJoin('recipes', 'recipes.id', 'recipe_notes.recipe_id')
    .select(['recipe_id', 'note'])
    .where('recipes.flow_id', '=', flowId)
    .where('recipes.deleted_at', 'is', null)
    .execute();
  return new Map(rows.map(({ recipe_id, note }) => [recipe_id, note]));
}

function toDatasetPart({ id, name, dataset, withheld }: StoredNode): DatasetPart {
  if (dataset === null) {
    const source = { kind: 'withheld', id: withheld!, name } as const;
    return { key: id, name, description: null, source, reading: emptyReading(), pattern: null };
  }
  const { description, reading, pattern } = dataset;
  return { key: id, name, description, source: { kind: 'existing', dataset }, reading, pattern };
}

function toOutputPart(
  { id, recipe_id, is_adhoc, execution, profiler }: OutputRow,
  settings: readonly WriteSettingRow[],
): OutputPart {
  return {
    recipe: recipe_id,
    isAdhoc: is_adhoc === 1,
    execution: execution as OutputPart['execution'],
    profiler: profiler === 1,
    settings: settings.filter(({ output_id }) => output_id === id).map(({ rule }) => rule),
  };
}

async function toTaskParts(db: Read, flowId: number, tasks: readonly Task[]): Promise<TaskPart[]> {
  const targets = await readTargets(db, flowId, tasks);
  return tasks.map((task) => ({
    ...withholdSecrets(task),
    target: targets.get(task.runRecipeId ?? 0) ?? null,
  }));
}

/** What the tasks run, by the recipe's id; also one that is deleted: its names say what was meant. */
async function readTargets(
  db: Read,
  flowId: number,
  tasks: readonly Task[],
): Promise<Map<number, TaskTarget>> {
  const ids = tasks.flatMap(({ runRecipeId }) => runRecipeId ?? []);
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: number; name: string; flow_id: number; flow: string; gone: number }>`
    select r.id, r.name, r.flow_id, f.name as flow,
      case when r.deleted_at is null and f.deleted_at is null then 0 else 1 end as gone
    from recipes r join flows f on f.id = r.flow_id where r.id in (${sql.join(ids)})`.execute(db);
  return new Map(
    rows.map(({ id, name: recipe, flow_id, flow, gone }): [number, TaskTarget] => {
      if (flow_id === flowId && gone === 0) return [id, { kind: 'own', recipe: id }];
      return [id, { kind: 'other', flow, recipe, id: gone === 0 ? id : null }];
    }),
  );
}

function toScheduleContent({ name, triggers, missed, overlap, parameters }: ScheduleRow): ScheduleContent {
  return { name, triggers, missed, overlap, parameters };
}

/** The task without any value that is secret: a header is null then, a secret or the key an empty text. */
function withholdSecrets(stored: Task): Omit<TaskPart, 'target'> {
  const { id, disabledReason, ...task } = stored;
  const headers = Object.entries(task.headers).map(([name, value]) => {
    const shown = !isSecretHeader(name, task.secretHeaders);
    return [name, shown ? value : null];
  });
  const host = readTarget(task.url)?.host.replace(/:\d+$/u, '') ?? null;
  const withheldUrl = writeWithheldUrl(readWithheldHost(task.url) ?? host);
  return {
    key: id,
    task: {
      ...task,
      url: task.urlSecret ? withheldUrl : task.url,
      headers: Object.fromEntries(headers) as Record<string, string | null>,
      secretKey: task.secretKey === null ? null : '',
      earlierKey: null,
      runRecipeId: null,
      secrets: Object.fromEntries(Object.keys(task.secrets).map((name) => [name, ''])),
    },
    disabledReason,
  };
}
