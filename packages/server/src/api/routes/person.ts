// People and their access tokens.
import { accessTokenEndpoints as tokens } from '@flowhook/contract/access-token';
import { personEndpoints as people } from '@flowhook/contract/person';
import { invalidField } from '../../base/error.ts';
import { hashToken, makeToken } from '../../base/secret.ts';
import type { Database } from '../../db/database.ts';
import {
  createToken,
  listTokens,
  readToken,
  removeToken,
  type TokenInfo,
} from '../../people/access-token.ts';
import {
  changeAccount,
  createAccount,
  listAccounts,
  readAccount,
  removeAccount,
  setPassword,
  type Account,
} from '../../people/account.ts';
import { checkPassword } from '../../people/password.ts';
import { sessionCookie } from '../credentials.ts';
import { writeTime, writeTimeOrNull } from '../list.ts';
import { implement, type Route } from '../route.ts';

export function personRoutes(db: Database): Route[] {
  const show = async (id: number) => showPerson(await readAccount(db.read, id));
  return [
    implement(people.current, ({ caller }) => show(caller.personId)),
    implement(people.list, async () => ({ data: (await listAccounts(db.read)).map(showPerson) })),
    implement(people.count, async () => ({ count: (await listAccounts(db.read)).length })),
    // Without a password nobody can sign in until an administrator sets one: a random one does the same.
    implement(people.create, async ({ body }) =>
      show(await createAccount(db, { ...body, password: body.password ?? makeToken('unset') })),
    ),
    implement(people.get, ({ params }) => show(params.id)),
    implement(people.change, async ({ params, body }) => {
      await changeAccount(db, params.id, body);
      return show(params.id);
    }),
    implement(people.remove, async ({ params }) => removeAccount(db, params.id)),
    implement(people.changeOwnPassword, async ({ body, caller, request }) => {
      const row = await db.read
        .selectFrom('people')
        .select('password_hash')
        .where('id', '=', caller.personId)
        .executeTakeFirst();
      const right = await checkPassword(body.currentPassword, row?.password_hash ?? null);
      if (!right) throw invalidField('currentPassword', 'is not your password.');
      const session = request.cookies[sessionCookie];
      await setPassword(
        db,
        caller.personId,
        body.newPassword,
        'newPassword',
        session === undefined ? null : hashToken(session),
      );
    }),
    implement(people.resetPassword, async ({ params, body }) =>
      setPassword(db, params.id, body.newPassword, 'newPassword', null),
    ),
  ];
}

export function accessTokenRoutes(db: Database, now: () => number): Route[] {
  return [
    implement(tokens.list, async ({ caller }) => ({
      data: (await listTokens(db, caller.personId)).map(showToken),
    })),
    implement(tokens.create, async ({ body, caller }) => {
      const { value, info } = await createToken(
        db,
        caller,
        { ...body, flowIds: body.flowIds ?? null },
        now(),
      );
      return { tokenValue: value, tokenInfo: showToken(info) };
    }),
    implement(tokens.get, async ({ params, caller }) =>
      showToken(await readToken(db, caller.personId, params.tokenId)),
    ),
    implement(tokens.remove, async ({ params, caller }) => removeToken(db, caller.personId, params.tokenId)),
  ];
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

function showToken({ createdAt, expiredAt, lastUsed, flowIds, ...info }: TokenInfo) {
  return {
    ...info,
    flowIds: flowIds === null ? null : [...flowIds],
    createdAt: writeTime(createdAt),
    expiredAt: writeTimeOrNull(expiredAt),
    lastUsed: writeTimeOrNull(lastUsed),
  };
}
