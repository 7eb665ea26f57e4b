// Looking in: alive, ready, numbers.
import type { FastifyRequest } from 'fastify';
import { healthEndpoints as endpoints } from '@flowhook/contract/workspace/health';
import type { Metrics } from '../../../base/metrics.ts';
import type { Readiness } from '../../../base/readiness.ts';
import { version } from '../../../base/version.ts';
import { alreadySent, implement, type Route } from '../../route.ts';

export interface HealthRoutes {
  /** True where the settings name another address than that of this machine: a proxy stands before the server. */
  readonly isBehindProxy: boolean;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
}

export function healthRoutes({ readiness, metrics, isBehindProxy }: HealthRoutes): Route[] {
  return [
    implement(endpoints.alive, async () => ({ status: 'ok' as const, version })),
    implement(endpoints.ready, async ({ reply }) => {
      const { ready, checks } = await readiness.run();
      const answer = { status: ready ? 'ready' : 'not_ready', checks } as const;
      if (ready) return answer;
      await reply.status(503).send(answer);
      return alreadySent;
    }),
    implement(endpoints.metrics, async (input) => {
      // Reading the caller refuses those who have not signed in.
      if (isBehindProxy || !isLocal(input.request)) void input.caller;
      const { text, type } = await metrics.write();
      await input.reply.type(type).send(text);
      return alreadySent;
    }),
  ];
}

const loopback = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/u;

/** The name of this machine as a program on it writes it: a page that had its own name led here writes another. */
const ownName = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/iu;
const signsOfProxy = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
];

/** What a proxy on this machine passes on comes from elsewhere, whether the proxy is trusted or not. */
function isLocal({ ip, headers, socket }: FastifyRequest): boolean {
  const passedOn = signsOfProxy.some((name) => headers[name] !== undefined);
  const isHere = loopback.test(ip) && loopback.test(socket.remoteAddress ?? '');
  return !passedOn && isHere && ownName.test(headers.host ?? '');
}
