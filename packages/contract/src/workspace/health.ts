// Looking in: is it alive, is it ready, how is it.
import { z } from 'zod';
import { defineEndpoint } from '../endpoint.ts';

const check = z.object({ ok: z.boolean(), detail: z.string() });

export const health = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });

export const readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.record(z.string(), check).describe('database, disk, worker ...'),
  })
  .meta({ id: 'Readiness' });

const tag = 'Operations';

export const healthEndpoints = {
  alive: defineEndpoint({
    method: 'GET',
    path: '/healthz',
    summary: 'Answer while the process is alive',
    tag,
    access: 'open',
    reply: health,
  }),
  ready: defineEndpoint({
    method: 'GET',
    path: '/readyz',
    summary: 'Answer whether database, disk and workers are ready',
    tag,
    access: 'open',
    reply: readiness,
    alsoAnswers: { 503: 'Not ready; the body says what is wrong.' },
  }),
  metrics: defineEndpoint({
    method: 'GET',
    path: '/metrics',
    summary: 'Read metrics as Prometheus has them; open on loopback, elsewhere with a token',
    tag,
    access: 'open',
    replyType: 'text/plain; version=0.0.4; charset=utf-8',
    reply: z.string(),
    problems: [401],
  }),
};
