// People: their accounts and passwords.
import { personEndpoints as endpoints, personNames } from '@flowhook/contract/person/person';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { invalidField, Problem } from '../../../base/error.ts';
import { hashToken } from '../../../base/secret.ts';
import type { Database, Read } from '../../../db/database.ts';
import {
  changeAccount,
  countAccounts,
  createAccount,
  listAccounts,
  readAccount,
  setPassword,
  type Account,
} from '../../../people/account.ts';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import { describePersonRemoval, removePerson, type PersonRemoval } from '../../../flows/person-removal.ts';
import { readOpenJobsOfPerson } from '../../../jobs/open-job.ts';
import { requireWhole, type Caller } from '../../../people/caller.ts';
import { isOwnPassword } from '../../../people/sign-in.ts';
import { readCookie } from '../../cookie.ts';
import { sessionCookie } from '../../credentials.ts';
import {
  answerList,
  pickFields,
  planList,
  refer,
  readEmbed,
  readFields,
  writeTime,
  writeTimeOrNull,
  type ListRules,
} from '../../views/list.ts';
import { readSchedulesOfOwner } from '../../../schedules/owned-schedule.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import type { SignInLimit } from '../../sign-in-limit.ts';

export interface PersonRoutes {
  readonly db: Database;
  readonly limit: SignInLimit;
  readonly flows: FlowRoom;
}

const rules: ListRules<typeof personNames> = {
  sortable: {
    id: 'id',
    name: 'name',
    email: 'email',
    role: 'role',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
  },
  filterable: { name: 'name', email: 'email' },
  embeds: personNames.embed,
};

export function personRoutes(options: PersonRoutes): Route[] {
  const { db } = options;
  const show = async (id: number, query: QueryOf<typeof endpoints.get> = {}) => {
    readEmbed(query.embed, rules);
    return pickFields(showPerson(await readAccount(db.read, id)), readFields(query.fields));
  };
  return [
    implement(endpoints.current, ({ caller, query }) => show(caller.personId, query)),
    implement(endpoints.list, async ({ query }) => {
      const plan = planList(query, rules);
      const people = await listAccounts(db.read, plan);
      const count = plan.includeCount ? await countAccounts(db.read, plan) : 0;
      return answerList(people.map(showPerson), plan, count);
    }),
    implement(endpoints.count, async ({ query }) => ({
      count: await countAccounts(db.read, planList(query, rules)),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) =>
        createAccount({ db, keep }, { ...body, password: body.password ?? null }, caller.personId),
      show: ({ id }) => show(id),
    }),
    implement(endpoints.get, ({ params, query }) => show(params.id, query)),
    implement(endpoints.change, async ({ params, body, caller }) => {
      await changeAccount(db, params.id, body, caller.personId);
      return show(params.id);
    }),
    implement(endpoints.removal, async ({ params }) =>
      showRemoval(db.read, await describePersonRemoval(db.read, params.id)),
    ),
    implement(endpoints.remove, ({ params, query, caller }) =>
      removePerson(options.flows, params.id, query.transferTo, caller.personId),
    ),
    ...passwordRoutes(options),
  ];
}

function passwordRoutes({ db, limit }: PersonRoutes): Route[] {
  const field = 'newPassword';
  return [
    implement(endpoints.changeOwnPassword, async ({ body, caller, request }) => {
      requireWhole(caller);
      const { email, personId } = caller;
      const credentials = { kind: 'basic', email, password: body.currentPassword } as const;
      await limit
        .guard(request.ip, credentials, async () => requireOwnPassword(db, caller, body.currentPassword))
        .catch(blameField);
      const cookie = caller.via === 'session' ? readCookie(request, sessionCookie) : undefined;
      const keptSession = cookie === undefined ? null : hashToken(cookie);
      await setPassword(db, { personId, password: body.newPassword, field, keptSession, actor: personId });
    }),
    implement(endpoints.resetPassword, async ({ params, body, caller }) => {
      const change = { personId: params.id, password: body.newPassword, field, keptSession: null };
      await setPassword(db, { ...change, actor: caller.personId });
    }),
  ];
}

async function requireOwnPassword(db: Database, { personId }: Caller, password: string): Promise<void> {
  if (await isOwnPassword(db, personId, password)) return;
  throw new Problem('credentials_wrong', 'The current password is wrong.');
}

/** The caller is signed in: what is wrong is a field, so that no client drops its session. */
function blameField(error: unknown): never {
  if (error instanceof Problem && error.code === 'credentials_wrong')
    throw invalidField('currentPassword', 'is not your password.');
  throw error;
}

export function showPerson(account: Account) {
  return {
    id: account.id,
    email: account.email,
    name: account.name,
    role: account.role,
    isAdmin: account.role === 'administrator',
    creator: null,
    updater: null,
    createdAt: writeTime(account.createdAt),
    updatedAt: writeTime(account.updatedAt),
  };
}

/** Schedules go on for the new owner of their flows, jobs go on. */
async function showRemoval(read: Read, removal: PersonRemoval): Promise<ReplyOf<typeof endpoints.removal>> {
  const { id, name, email } = removal.person;
  const schedules = await readSchedulesOfOwner(read, id);
  const jobs = await readOpenJobsOfPerson(read, id);
  return {
    person: { id, name, email },
    flows: [...removal.flows],
    schedules: schedules.map(({ flowId, nextAt, ...schedule }) => ({
      ...schedule,
      flow: refer(flowId),
      nextAt: writeTimeOrNull(nextAt),
    })),
    importedDatasets: [...removal.datasets],
    sharedFlows: [...removal.sharedFlows],
    apiAccessTokens: [...removal.tokens],
    sessionCount: removal.sessions,
    runningJobGroups: jobs.map((job) => refer(job)),
  };
}
