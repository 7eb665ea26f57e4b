// The canonical log line and the numbers of each request; ids of what it was about, never what it carried.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { createLineLog, type Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Caller } from '../people/caller.ts';

/** What is known of a request beyond itself. */
export interface Note {
  /** The path with its parameters' names. */
  readonly route: string;
  /** `flowId`, `jobId` and their like: which log field the parameter `id` is. */
  readonly idName: string;
  caller: Caller | null;
}

const notes = new WeakMap<FastifyRequest, Note>();

export function noteRequest(request: FastifyRequest, note: Note): void {
  notes.set(request, note);
}

/** Who was found to call by the request's head; null on an open route without a sign-in. */
export function readCaller(request: FastifyRequest): Caller | null {
  return notes.get(request)?.caller ?? null;
}

const idNames: Readonly<Record<string, string>> = {
  flows: 'flowId',
  jobGroups: 'jobId',
  jobs: 'stepId',
  webhookFlowTasks: 'taskId',
  webhookDeliveries: 'deliveryId',
  people: 'objectPersonId',
  importedDatasets: 'datasetId',
  wrangledDatasets: 'recipeId',
  outputObjects: 'outputId',
  writeSettings: 'writeSettingId',
};

/** `/v4/flows/:id/run` is about a flow. */
export function nameId(path: string): string {
  return idNames[path.split('/')[2] ?? ''] ?? 'objectId';
}

export function addRequestLog(app: FastifyInstance, { log, metrics }: { log: Log; metrics: Metrics }): void {
  const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  const labels = ['method', 'route', 'status'] as const;
  const seconds = metrics.histogram(
    'flowhook_http_request_duration_seconds',
    'Time of requests.',
    labels,
    buckets,
  );
  const lines = createLineLog(log);
  app.addHook('onResponse', (request, reply, done) => {
    const note = notes.get(request);
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    seconds.observe(
      { method: request.method, route: note?.route ?? 'none', status },
      reply.elapsedTime / 1000,
    );
    if (lines.isLevelEnabled('info')) lines.info(describe(request, reply, note), 'request');
    done();
  });
}

/** A streamed answer has its status before its end: what breaks it off is told here alone. */
export function addStreamLog(app: FastifyInstance, log: Log): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable) {
      const about = { requestId: request.id, method: request.method, route: notes.get(request)?.route };
      payload.once('error', (error: unknown) => log.error({ ...about, err: error }, 'answer broke off'));
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished && payload.errored === null)
          log.info(about, 'client went away before the end of its answer');
      });
    }
    done(null, payload);
  });
}

function describe(request: FastifyRequest, reply: FastifyReply, note: Note | undefined) {
  const id = (request.params as { id?: string } | undefined)?.id;
  return {
    requestId: request.id,
    method: request.method,
    route: note?.route,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 100) / 100,
    personId: note?.caller?.personId,
    via: note?.caller?.via,
    [note?.idName ?? 'objectId']: id === undefined ? undefined : Number(id),
    address: request.ip,
  };
}
