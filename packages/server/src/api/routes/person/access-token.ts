// Access tokens of the caller.
import { accessTokenEndpoints as endpoints, tokenNames } from '@flowhook/contract/person/access-token';
import type { Database } from '../../../db/database.ts';
import {
  countTokens,
  createToken,
  listTokens,
  readToken,
  removeToken,
  type TokenInfo,
} from '../../../people/access-token.ts';
import { requireWhole } from '../../../people/caller.ts';
import { answerList, planList, writeTime, writeTimeOrNull, type ListRules } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';

const rules: ListRules<typeof tokenNames> = {
  sortable: {
    id: 'id',
    description: 'description',
    createdAt: 'created_at',
    expiredAt: 'expires_at',
    lastUsed: 'last_used_at',
  },
  filterable: { description: 'description' },
  embeds: tokenNames.embed,
  alwaysKept: ['tokenId'],
};

export function accessTokenRoutes({ db, now }: { readonly db: Database; now(): number }): Route[] {
  return [
    implement(endpoints.list, async ({ caller, query }) => {
      const plan = planList(query, rules);
      const tokens = await listTokens(db.read, caller, plan);
      const count = plan.includeCount ? await countTokens(db.read, caller, plan) : 0;
      return answerList(tokens.map(showToken), plan, count);
    }),
    implement(endpoints.create, async ({ body, caller }) => {
      const token = { ...body, flowIds: body.flowIds ?? null };
      const { value, info } = await createToken(db, caller, token, now());
      return { tokenValue: value, tokenInfo: showToken(info) };
    }),
    implement(endpoints.get, async ({ params, caller }) =>
      showToken(await readToken(db, caller, params.tokenId)),
    ),
    implement(endpoints.remove, async ({ params, caller }) => {
      requireWhole(caller);
      await removeToken(db, caller.personId, params.tokenId);
    }),
  ];
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
