// A flow as one document: read, put, made.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import { flowDocumentEndpoints as endpoints } from '@flowhook/contract/flow/flow-document';
import { keepNothing } from '../../../db/kept-answer.ts';
import {
  putDocument,
  readFlowDocument,
  type DocumentResult,
} from '../../../transfer/document/put-document.ts';
import type { TransferContext } from '../../../transfer/write-content.ts';
import { implement, implementMaking, type Route } from '../../route.ts';

export function flowDocumentRoutes(context: TransferContext): Route[] {
  return [
    implement(endpoints.get, async ({ params, caller, reply }) => {
      const { document, version } = await readFlowDocument(context, caller, params.id);
      void reply.header('etag', version);
      return document;
    }),
    implement(endpoints.put, async ({ params, query, body: document, caller, request, reply }) => {
      const ifMatch = request.headers['if-match'] ?? null;
      const asked = { flowId: params.id, document, dryRun: query.dryRun ?? false, ifMatch };
      const result = await putDocument({ ...context, keep: keepNothing }, caller, asked);
      if (result.version !== null) void reply.header('etag', result.version);
      return showResult(result);
    }),
    implementMaking(endpoints.create, {
      // A dry run makes nothing that a repeat could be told of.
      make: ({ query: { dryRun = false }, body: document, caller }, keep) =>
        putDocument({ ...context, keep: dryRun ? keepNothing : keep }, caller, {
          flowId: null,
          document,
          dryRun,
          ifMatch: null,
        }),
      show: async (made, { reply }) => {
        if (made.version !== null) void reply.header('etag', made.version);
        return showResult(made);
      },
    }),
  ];
}

function showResult({ flowId, changes, warnings, version }: DocumentResult): ReplyOf<typeof endpoints.put> {
  return {
    flow: flowId === null ? null : { id: flowId },
    changes: changes.map(({ kind, name, action, fields }) => ({
      kind,
      name,
      action,
      fields: fields.map(({ field, before, after }) => ({
        field,
        before: before as never,
        after: after as never,
      })),
    })),
    warnings: [...warnings],
    etag: version,
  };
}
