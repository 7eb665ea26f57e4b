// The audit log: who changed what, when, with the values before and after.
import { z } from 'zod';
import { id, idText, json, listQuery, reference, time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

export const auditActions = ['create', 'change', 'remove'] as const;

export const auditEntry = z
  .looseObject({
    id,
    at: time,
    person: reference
      .extend({ name: z.string(), email: z.string() })
      .nullable()
      .describe('Null: the server itself, or a command on its machine.'),
    action: z.enum(auditActions),
    objectKind: z.string().describe('Such as `person`, `accessToken` or `setting webapp.retentionDays`.'),
    objectId: id.nullable(),
    before: json.nullable().describe('What it was; never a secret.'),
    after: json.nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'AuditEntry' });

const auditQuery = listQuery.pick({ limit: true, filter: true, includeCount: true }).extend({
  filter: z.string().max(500).optional().describe('Text to look for in the kind of object.'),
  personId: idText.optional().describe('Who did it.'),
  action: z.enum(auditActions).optional(),
  objectKind: z.string().max(200).optional().describe('Exactly this kind.'),
  objectId: idText.optional(),
  after: idText.optional().describe('Cursor: entries with an id below this one, newest first.'),
  from: time.optional().describe('Made at this time or later.'),
  to: time.optional().describe('Made before this time.'),
});

export const auditLogEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/auditLog',
    summary: 'List the changes that were made, newest first',
    tag: 'Workspace',
    access: 'administrator',
    query: auditQuery,
    reply: z.object({ data: z.array(auditEntry), count: z.int().optional() }),
  }),
};
