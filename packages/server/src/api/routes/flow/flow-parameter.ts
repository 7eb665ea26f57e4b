// Parameters: those of flows, with defaults, and those of the environment.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import {
  environmentParameterEndpoints as environment,
  flowParameterEndpoints as endpoints,
} from '@flowhook/contract/flow/flow-parameter';
import {
  createEnvironment,
  readEnvironment,
  removeEnvironment,
  requireEnvironment,
  type EnvironmentRow,
} from '../../../flows/environment-parameter.ts';
import {
  changeParameter,
  createParameter,
  readChanged,
  readParameter,
  readParameters,
  removeParameter,
} from '../../../flows/flow-parameter.ts';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import type { ParameterRow } from '../../../flows/parameter-store.ts';
import type { Warning } from '../../../flows/recipes/recheck.ts';
import { requireWhole } from '../../../people/caller.ts';
import { refer, writeTime } from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';

/** The API calls the flow `id`, and the parameter by a name of its own. */
const placeOf = (params: { readonly id: number; readonly parameterId: number }) => ({
  flowId: params.id,
  id: params.parameterId,
});

export function flowParameterRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  return [
    implement(endpoints.list, async ({ params, caller }) => ({
      data: (await readParameters(room, caller, params.id)).map((row) => showParameter(row)),
    })),
    implementMaking(endpoints.create, {
      make: ({ params, body, caller }, keep) => {
        const { type = 'text', description = null, ...rest } = body;
        return createParameter({ ...room, keep }, caller, params.id, { ...rest, type, description });
      },
      show: async ({ id }, { params, caller }) => {
        const made = await readChanged(room, caller, params.id, id);
        return showParameter(made.parameter, made.warnings);
      },
    }),
    implement(endpoints.get, async ({ params, caller }) =>
      showParameter(await readParameter(room, caller, placeOf(params))),
    ),
    implement(endpoints.change, async ({ params, body, caller, held }) => {
      const changed = await changeParameter(held(room), caller, placeOf(params), body);
      return showParameter(changed.parameter, changed.warnings);
    }),
    implement(endpoints.remove, async ({ params, caller, held }) => {
      const warnings = await removeParameter(held(room), caller, placeOf(params));
      return { warnings: warnings.map(showWarning) };
    }),
    ...environmentRoutes(room),
  ];
}

function environmentRoutes({ db }: FlowRoom): Route[] {
  return [
    implement(environment.list, async () => ({
      data: (await readEnvironment(db.read)).map(showEnvironment),
    })),
    implement(environment.get, async ({ params }) =>
      showEnvironment(await requireEnvironment(db.read, params.id)),
    ),
    implementMaking(environment.create, {
      make: ({ body, caller }, keep) => {
        requireWhole(caller);
        return createEnvironment({ db, keep }, caller.personId, body);
      },
      show: async ({ id }) => showEnvironment(await requireEnvironment(db.read, id)),
    }),
    implement(environment.remove, ({ params, caller }) => {
      requireWhole(caller);
      return removeEnvironment(db, caller.personId, params.id);
    }),
  ];
}

function showParameter(row: ParameterRow, warnings?: readonly Warning[]): ReplyOf<typeof endpoints.create> {
  return {
    id: row.id,
    flow: { id: row.flow_id },
    name: row.name,
    type: row.type,
    defaultValue: row.default_value,
    description: row.description,
    ...(warnings !== undefined && { warnings: warnings.map(showWarning) }),
    ...showStamp(row),
  };
}

function showWarning({ recipeId, recipeName, message }: Warning) {
  return { wrangledDataset: { id: recipeId }, name: recipeName, message };
}

function showEnvironment(row: EnvironmentRow): ReplyOf<typeof environment.get> {
  return { id: row.id, overrideKey: row.override_key, value: row.value, ...showStamp(row) };
}

function showStamp(row: Pick<EnvironmentRow, 'creator_id' | 'updater_id' | 'created_at' | 'updated_at'>) {
  return {
    creator: refer(row.creator_id),
    updater: refer(row.updater_id),
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
  };
}
