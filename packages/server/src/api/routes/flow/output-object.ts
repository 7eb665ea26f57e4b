// Outputs of recipes, with their write settings.
import type { QueryOf } from '@flowhook/contract/endpoint';
import { outputObjectEndpoints as endpoints, outputNames } from '@flowhook/contract/flow/output-object';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import {
  changeOutput,
  createOutput,
  readOutput,
  removeOutput,
  type WholeOutput,
} from '../../../flows/output.ts';
import { countOutputs, readOutputs, readSettingsOf, type OutputRow } from '../../../flows/output-store.ts';
import type { Caller } from '../../../people/caller.ts';
import { visibleFlows } from '../../../people/flow-access-store.ts';
import { inFlowWords } from '../../views/flow-word.ts';
import { showOutput } from '../../views/flow-view.ts';
import { pickFields, planList, type ListPlan, type ListRules } from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { answerRows, equals, narrowPlan } from '../../views/row-list.ts';

const rules: ListRules<typeof outputNames> = {
  sortable: { id: 'o.id', name: 'r.name', createdAt: 'o.created_at', updatedAt: 'o.updated_at' },
  filterable: { name: 'r.name', flowName: 'f.name', execution: 'o.execution' },
  embeds: outputNames.embed,
  costly: ['writeSettings'],
};

export function outputObjectRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  const { read } = room.db;
  return [
    implement(endpoints.list, ({ query, caller }) =>
      answerRows(planOutputs(query, caller), {
        read: (plan) => readOutputs(read, plan),
        count: (where) => countOutputs(read, where),
        show: (rows, embed) => showAll(room, rows, embed),
      }),
    ),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countOutputs(read, planOutputs(query, caller).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) => {
        const { flowNodeId, ...rest } = body;
        return inFlowWords(createOutput({ ...room, keep }, caller, { ...rest, recipeId: flowNodeId }));
      },
      show: async ({ id }, { caller }) => showOne(await readOutput(room, caller, id)),
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields, includeDeleted } = planList(query, rules);
      const whole = await readOutput(room, caller, params.id, includeDeleted);
      return pickFields(showOne(whole, embed), fields);
    }),
    implement(endpoints.change, async ({ params, body, caller, held }) =>
      showOne(await changeOutput(held(room), caller, params.id, body)),
    ),
    implement(endpoints.remove, ({ params, caller, held }) => removeOutput(held(room), caller, params.id)),
  ];
}

function planOutputs(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  return narrowPlan(planList(query, rules), 'o', [
    visibleFlows(caller, 'o.flow_id'),
    equals('o.flow_id', query.flowId),
    equals('o.recipe_id', query.flowNodeId),
  ]);
}

function showOne({ output, settings }: WholeOutput, embed?: ReadonlySet<string>) {
  return showOutput(output, settings, embed);
}

async function showAll({ db }: FlowRoom, rows: readonly OutputRow[], embed: ReadonlySet<string>) {
  const settings = await readSettingsOf(
    db.read,
    rows.map(({ id }) => id),
  );
  const byOutput = Map.groupBy(settings, ({ output_id }) => output_id);
  return rows.map((row) => showOutput(row, byOutput.get(row.id) ?? [], embed));
}
