// Write settings: the files of an output, one by one.
import type { QueryOf } from '@flowhook/contract/endpoint';
import { writeSettingEndpoints as endpoints, settingNames } from '@flowhook/contract/flow/write-setting';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import { countWriteSettings, readWriteSettings } from '../../../flows/output-store.ts';
import {
  changeWriteSetting,
  createWriteSetting,
  removeWriteSetting,
  requireWriteSetting,
} from '../../../flows/write-setting.ts';
import type { Caller } from '../../../people/caller.ts';
import { visibleFlows } from '../../../people/flow-access-store.ts';
import { showWriteSetting } from '../../views/flow-view.ts';
import { pickFields, planList, type ListPlan, type ListRules } from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { answerRows, equals, narrowPlan } from '../../views/row-list.ts';

const rules: ListRules<typeof settingNames> = {
  sortable: { id: 'w.id', path: 'w.path', createdAt: 'w.created_at', updatedAt: 'w.updated_at' },
  filterable: { path: 'w.path', format: 'w.format' },
  embeds: settingNames.embed,
};

export function writeSettingRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  const { read } = room.db;
  return [
    implement(endpoints.list, ({ query, caller }) =>
      answerRows(planSettings(query, caller), {
        read: (plan) => readWriteSettings(read, plan),
        count: (where) => countWriteSettings(read, where),
        show: (rows, embed) => rows.map((row) => showWriteSetting(row, embed)),
      }),
    ),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countWriteSettings(read, planSettings(query, caller).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) => {
        const { outputObjectId, ...given } = body;
        return createWriteSetting({ ...room, keep }, caller, outputObjectId, given);
      },
      show: async ({ id }, { caller }) =>
        showWriteSetting(await requireWriteSetting(room, caller, id, 'viewer')),
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields, includeDeleted } = planList(query, rules);
      const row = await requireWriteSetting(room, caller, params.id, { role: 'viewer', includeDeleted });
      return pickFields(showWriteSetting(row, embed), fields);
    }),
    implement(endpoints.change, async ({ params, body, caller, held }) =>
      showWriteSetting(await changeWriteSetting(held(room), caller, params.id, body)),
    ),
    implement(endpoints.remove, ({ params, caller, held }) =>
      removeWriteSetting(held(room), caller, params.id),
    ),
  ];
}

function planSettings(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  const conditions = [visibleFlows(caller, 'o.flow_id'), equals('w.output_id', query.outputObjectId)];
  return narrowPlan(planList(query, rules), 'w', conditions);
}
