// Recipes: save and check SQL, first rows, and what they read.
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { wrangledDatasetEndpoints as endpoints, recipeNames } from '@flowhook/contract/flow/wrangled-dataset';
import {
  changeRecipe,
  checkRecipe,
  createRecipe,
  requireRecipe,
  type ChangedRecipe,
} from '../../../flows/recipes/recipe.ts';
import { previewRecipe, readRecipeInputs } from '../../../flows/recipes/recipe-reading.ts';
import { describeRecipeDeletion, removeRecipe } from '../../../flows/recipes/recipe-removal.ts';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import type { Checked } from '../../../flows/recipes/recipe-check.ts';
import { readOutputs, readSettingsOf, type OutputRow } from '../../../flows/output-store.ts';
import { countRecipes, readNote, readRecipes, type RecipeRow } from '../../../flows/recipes/recipe-store.ts';
import { sql } from 'kysely';
import type { Read } from '../../../db/database.ts';
import { toRefusal } from '../../../flows/refusal.ts';
import type { Caller } from '../../../people/caller.ts';
import { visibleFlows } from '../../../people/flow-access-store.ts';
import { abortWithClient } from '../../client-end.ts';
import { inFlowWords } from '../../views/flow-word.ts';
import { showInput, showOutput, showRecipe, showStopped, showWarnings } from '../../views/flow-view.ts';
import { pickFields, planList, refer, type ListPlan, type ListRules } from '../../views/list.ts';
import { findStoppedByRecipe } from '../../../webhooks/tasks/stopped-task.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { answerRows, equals, narrowPlan } from '../../views/row-list.ts';

const rules: ListRules<typeof recipeNames> = {
  sortable: { id: 'r.id', name: 'r.name', createdAt: 'r.created_at', updatedAt: 'r.updated_at' },
  filterable: {
    name: 'r.name',
    description: "coalesce(r.description, '')",
    sql: "coalesce(r.sql_text, '')",
    flowName: 'f.name',
  },
  embeds: recipeNames.embed,
  costly: ['outputObjects'],
};

export function wrangledDatasetRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  const { read } = room.db;
  return [
    implement(endpoints.list, ({ query, caller }) =>
      answerRows(planRecipes(query, caller), {
        read: (plan) => readRecipes(read, plan),
        count: (where) => countRecipes(read, where),
        show: (rows, embed) => showWhole(read, rows, embed),
      }),
    ),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countRecipes(read, planRecipes(query, caller).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) => {
        const { name, flowId, input, sql = null, description = null } = body;
        const recipe = { name, flowId, input, sql, description };
        return inFlowWords(createRecipe({ ...room, keep }, caller, recipe), input);
      },
      show: async ({ id }, { caller }) => showRecipe(await requireRecipe(room, caller, id, 'viewer')),
    }),
    implement(endpoints.check, async ({ body, caller }) => {
      const { id = null, name = 'this recipe', flowId, input, sql } = body;
      const draft = { id, name, flowId, input, sql };
      return showChecked(await inFlowWords(checkRecipe(room, caller, draft), input));
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields, includeDeleted } = planList(query, rules);
      const row = await requireRecipe(room, caller, params.id, { role: 'viewer', includeDeleted });
      const note = row.has_note > 0 ? await readNote(read, row.id) : null;
      const [shown] = await showWhole(read, [row], embed);
      return pickFields({ ...shown!, note }, fields);
    }),
    implement(endpoints.change, async ({ params, body, caller, held }) =>
      showChanged(await inFlowWords(changeRecipe(held(room), caller, params.id, body), body.input)),
    ),
    implement(endpoints.replacePrimaryInput, async ({ params, body, caller, held }) =>
      showChanged(await inFlowWords(changeRecipe(held(room), caller, params.id, body), body.input)),
    ),
    implement(endpoints.remove, ({ params, caller, held }) =>
      inFlowWords(removeRecipe(held(room), caller, params.id)),
    ),
    implement(endpoints.deletion, async ({ params, caller }) => {
      const { recipe, outputIds, readers } = await describeRecipeDeletion(room, caller, params.id);
      return {
        wrangledDataset: { id: recipe.id, name: recipe.name },
        outputObjects: outputIds.map((id) => refer(id)),
        readers: [...readers],
        ...showStopped(await findStoppedByRecipe(read, caller, params.id)),
      };
    }),
    implement(endpoints.preview, async ({ params, query, caller, reply }) => {
      const options = { limit: query.limit, signal: abortWithClient(reply) };
      const { columns, rows, truncated, sample, warnings } = await previewRecipe(
        room,
        caller,
        params.id,
        options,
      );
      return { columns, rows, truncated, sample, warnings };
    }),
    implement(endpoints.inputs, async ({ params, caller }) => ({
      data: (await readRecipeInputs(room, caller, params.id)).map(showInput),
    })),
  ];
}

function planRecipes(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  const conditions = [visibleFlows(caller, 'r.flow_id'), equals('r.flow_id', query.flowId)];
  return narrowPlan(planList(query, rules), 'r', conditions);
}

/** Recipes with what is embedded: `outputObjects` are their outputs with their write settings. */
async function showWhole(
  db: Read,
  rows: readonly RecipeRow[],
  embed: ReadonlySet<string>,
): Promise<ReplyOf<typeof endpoints.get>[]> {
  const recipes = rows.map((row) => showRecipe(row, embed));
  if (rows.length === 0 || !embed.has('outputObjects')) return recipes;
  const ids = sql.join(rows.map(({ id }) => id));
  const where = sql<boolean>`o.recipe_id in (${ids}) and o.deleted_at is null`;
  const outputs = await readOutputs(db, { where, orderBy: sql`o.id`, page: sql`` });
  const settings = await readSettingsOf(
    db,
    outputs.map(({ id }) => id),
  );
  const show = (output: OutputRow) =>
    showOutput(
      output,
      settings.filter(({ output_id }) => output_id === output.id),
    );
  return recipes.map((recipe) => ({
    ...recipe,
    outputObjects: { data: outputs.filter(({ recipe_id }) => recipe_id === recipe.id).map(show) },
  }));
}

function showChanged({ recipe, warnings }: ChangedRecipe) {
  return { ...showRecipe(recipe), ...showWarnings(warnings) };
}

/** What is wrong with the SQL is an answer; what kept it from being looked at is a problem. */
function showChecked(checked: Checked): ReplyOf<typeof endpoints.check> {
  if (checked.ok) {
    const { columns, references } = checked;
    return { valid: true, columns: [...columns], references: [...references], error: null };
  }
  if (checked.failure.reason !== 'sql_error') throw toRefusal(checked.failure, 'sql');
  return { valid: false, columns: [], references: [], error: checked.failure.sql };
}
