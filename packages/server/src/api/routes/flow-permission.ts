// Sharing of flows.
import { flowPermissionEndpoints as endpoints } from '@flowhook/contract/flow-permission';
import type { BodyOf, ReplyOf } from '@flowhook/contract/endpoint';
import type { FlowRoom } from '../../flows/flow-room.ts';
import {
  givePermissions,
  readPermissions,
  takePermission,
  type GivenPermission,
  type Permission,
} from '../../flows/sharing.ts';
import type { FlowRole } from '../../people/flow-access.ts';
import { writeTimeOrNull } from '../list.ts';
import { implement, type Route } from '../route.ts';

type Shown = ReplyOf<typeof endpoints.list>['data'][number];

const toShown: Record<FlowRole, Shown['role']> = {
  owner: 'owner',
  editor: 'collaborator',
  viewer: 'readOnly',
};
const fromShown: Record<Shown['role'], FlowRole> = {
  owner: 'owner',
  collaborator: 'editor',
  readOnly: 'viewer',
};

export function flowPermissionRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  return [
    implement(endpoints.list, async ({ params, caller }) =>
      show(await readPermissions(room, caller, params.id)),
    ),
    implement(endpoints.give, async ({ params, body, caller }) =>
      show(await givePermissions(room, caller, params.id, body.data.map(readGiven))),
    ),
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
    role: toShown[role],
    createdAt: writeTimeOrNull(createdAt),
  }));
  return { data };
}
