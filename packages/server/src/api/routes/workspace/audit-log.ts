// The audit log over HTTP, for administrators.
import { sql, type RawBuilder } from 'kysely';
import { auditLogEndpoints as endpoints } from '@flowhook/contract/workspace/audit-log';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import type { Database } from '../../../db/database.ts';
import { countAudit, readAudit, type AuditRow } from '../../../workspace/audit-log.ts';
import { planList, writeTime } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';
import { answerRows, equals, narrowPlan } from '../../views/row-list.ts';

type Query = QueryOf<typeof endpoints.list>;

const rules = { sortable: { id: 'a.id' }, filterable: { objectKind: 'a.object_kind' }, embeds: [] };

export function auditLogRoutes({ db }: { readonly db: Database }): Route[] {
  return [
    implement(endpoints.list, ({ query }) => {
      const plan = planList({ ...query, sort: '-id', includeDeleted: true }, rules);
      return answerRows(narrowPlan({ ...plan, includeDeleted: true }, 'a', listConditions(query)), {
        read: (narrowed) => readAudit(db.aside, narrowed),
        count: (where) => countAudit(db.aside, where),
        show: (rows) => rows.map(showEntry),
      });
    }),
  ];
}

function listConditions(query: Query): (RawBuilder<boolean> | undefined)[] {
  const { action, objectKind, after, from, to } = query;
  return [
    equals('a.person_id', query.personId),
    equals('a.object_id', query.objectId),
    action === undefined ? undefined : sql<boolean>`a.action = ${action}`,
    objectKind === undefined ? undefined : sql<boolean>`a.object_kind = ${objectKind}`,
    after === undefined ? undefined : sql<boolean>`a.id < ${after}`,
    from === undefined ? undefined : sql<boolean>`a.at >= ${Date.parse(from)}`,
    to === undefined ? undefined : sql<boolean>`a.at < ${Date.parse(to)}`,
  ];
}

function showEntry(row: AuditRow): ReplyOf<typeof endpoints.list>['data'][number] {
  const { person_id: personId } = row;
  return {
    id: row.id,
    at: writeTime(row.at),
    person:
      personId === null ? null : { id: personId, name: row.person_name ?? '', email: row.person_email ?? '' },
    action: row.action,
    objectKind: row.object_kind,
    objectId: row.object_id,
    before: parse(row.before_value),
    after: parse(row.after_value),
    createdAt: writeTime(row.at),
    updatedAt: writeTime(row.at),
  };
}

function parse(text: string | null) {
  return text === null
    ? null
    : (JSON.parse(text) as ReplyOf<typeof endpoints.list>['data'][number]['before']);
}
