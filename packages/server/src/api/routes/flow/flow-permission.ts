// Sharing of flows.
import { flowPermissionEndpoints as endpoints } from '@flowhook/contract/flow/flow-permission';
import type { BodyOf, ReplyOf } from '@flowhook/contract/endpoint';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import {
  givePermissions,
  listCandidates,
  readPermissions,
  takePermission,
  type GivenPermission,
  type Permission,
} from '../../../flows/sharing.ts';
import type { FlowRole } from '../../../people/flow-access.ts';
import { shownFlowRoles } from '../../views/flow-word.ts';
import { planList, writeTimeOrNull, type ListRules } from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';

type Shown = ReplyOf<typeof endpoints.list>['data'][number];

const fromShown: Record<Shown['role'], FlowRole> = {
  owner: 'owner',
  collaborator: 'editor',
  readOnly: 'viewer',
};

const maxCandidates = 20;
const candidateRules: ListRules = {
  sortable: { id: 'id', name: 'name' },
  filterable: { name: 'name', email: 'email' },
  embeds: [],
};

export function flowPermissionRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  return [
    implement(endpoints.list, async ({ params, caller }) =>
      show(await readPermissions(room, caller, params.id)),
    ),
    implement(endpoints.candidates, async ({ params, query: { filter }, caller }) => {
      const asked = { filter, filterFields: 'name,email', sort: 'name', limit: maxCandidates };
      const people = await listCandidates(room, caller, params.id, planList(asked, candidateRules));
      return { data: people.map(({ id, name, email }) => ({ id, name, email })) };
    }),
    implementMaking(endpoints.give, {
      make: ({ params, body, caller }, keep) =>
        givePermissions({ ...room, keep }, caller, params.id, body.data.map(readGiven)),
      show: async ({ flowId }, { caller }) => show(await readPermissions(room, caller, flowId)),
    }),
    implement(endpoints.take, ({ params, caller }) =>
      takePermission(room, caller, params.id, params.personId),
    ),
  ];
}

function readGiven({ role, ...who }: BodyOf<typeof endpoints.give>['data'][number]): GivenPermission {
  return { ...who, role: fromShown[role] };
}

function show(permissions: readonly Permission[]): { data: Shown[] } {
  const data = permissions.map(({ personId, name, email, role, createdAt }) => ({
    person: { id: personId, name, email },
    role: shownFlowRoles[role],
    createdAt: writeTimeOrNull(createdAt),
  }));
  return { data };
}
