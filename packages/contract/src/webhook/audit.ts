// The audit: proves that the account of events, decisions, deliveries and attempts closes.
import { z } from 'zod';
import { time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

export const auditFinding = z
  .object({
    rule: z.string().describe('The rule that is broken, from a closed list.'),
    demands: z.string().describe('What the rule demands, as a sentence.'),
    row: z.string().describe('The row that breaks it, such as `event 3, task 12`.'),
  })
  .meta({ id: 'AuditFinding' });

export const accountAudit = z
  .object({
    closes: z.boolean(),
    checkedAt: time,
    counts: z.object({ events: z.int(), decisions: z.int(), deliveries: z.int(), attempts: z.int() }),
    findings: z.array(auditFinding).describe('Empty where the account closes.'),
  })
  .meta({ id: 'AccountAudit' });

export const auditEndpoints = {
  account: defineEndpoint({
    method: 'GET',
    path: '/v4/audit/account',
    summary: 'Prove that the account closes',
    tag: 'Operations',
    access: 'administrator',
    reply: accountAudit,
  }),
};
