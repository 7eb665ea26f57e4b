// Copy, export and import of flows.
import { flowTransferEndpoints as endpoints } from '@flowhook/contract/flow/flow-transfer';
import type { FastifyRequest } from 'fastify';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { Problem } from '../../../base/error.ts';
import { readFlow } from '../../../flows/flow.ts';
import type { Caller } from '../../../people/caller.ts';
import { copyFlow } from '../../../transfer/copy.ts';
import { exportFlow, readForExport } from '../../../transfer/export.ts';
import { importPackage } from '../../../transfer/import.ts';
import { largestPackage } from '../../../transfer/package-file.ts';
import type { TransferContext } from '../../../transfer/write-content.ts';
import { showFlow } from '../../views/flow-view.ts';
import { showExport, showImport } from '../../views/import-view.ts';
import { receiveForm } from '../../multipart.ts';
import { alreadySent, implement, implementMaking, type Route } from '../../route.ts';

export function flowTransferRoutes(context: TransferContext): Route[] {
  const take = (request: FastifyRequest, caller: Caller, dryRun: boolean) =>
    receiveForm(
      request,
      async ({ part, stream }, readFields) => {
        const bytes = await readWhole(stream);
        await readFields();
        return importPackage(context, caller, { bytes, field: part, dryRun });
      },
      ['data', 'archive', 'file'],
    );
  return [
    implementMaking(endpoints.copy, {
      make: ({ params, body, caller }, keep) => {
        const { name, description, copyDatasources, copyWebhooks } = body;
        // Clients of the original send empty texts for what they don't choose.
        const chosen = { name: name || undefined, description: description === '' ? undefined : description };
        const request = { ...chosen, copyDatasets: copyDatasources, copyTasks: copyWebhooks };
        return copyFlow({ ...context, keep }, caller, params.id, request);
      },
      show: async ({ flowId, warnings }, { caller }) => {
        // A copy is its maker's.
        const shown = showFlow(await readFlow(context.room, caller, flowId), 'owner');
        return { ...shown, ...(warnings.length > 0 && { warnings: [...warnings] }) };
      },
    }),
    implement(endpoints.exportPackage, async ({ params, caller, reply }) => {
      const { name, bytes } = await exportFlow(context, caller, params.id);
      void reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
      await reply.type('application/zip').send(bytes);
      return alreadySent;
    }),
    implement(endpoints.exportDryRun, async ({ params, caller }) => {
      const { content, leftOut } = await readForExport(context, caller, params.id);
      return showExport(content, leftOut);
    }),
    implement(endpoints.importPackage, async ({ request, caller }) =>
      showImport(await take(request, caller, false)),
    ),
    implement(endpoints.importDryRun, async ({ request, caller }) =>
      showImport(await take(request, caller, true)),
    ),
  ];
}

/** A package is held in memory, so it has a bound of its own below that of uploads. */
async function readWhole(stream: Readable): Promise<Buffer> {
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > largestPackage) stream.destroy(tooLarge());
  });
  return buffer(stream);
}

function tooLarge(): Problem {
  const limit = largestPackage / 1024 / 1024;
  return new Problem('too_large', `A package has at most ${limit} MiB: export its flows one by one.`);
}
