// Exports a flow as a package: whoever sees the flow may; its webhook tasks are in it only for who may change the flow.
import { randomUUID } from 'node:crypto';
import { version } from '../base/version.ts';
import { readFlow } from '../flows/flow.ts';
import type { Caller } from '../people/caller.ts';
import { findEditable } from '../people/flow-access-store.ts';
import { listWithheld } from '../webhooks/tasks/missing-secret.ts';
import type { FlowContent } from './flow-content.ts';
import { writePackageFile } from './package-file.ts';
import { readContent } from './read-content.ts';
import type { TransferContext } from './write-content.ts';
import { namePackage, writePackage } from './write-package.ts';

export async function readForExport(
  { room, tasks }: TransferContext,
  caller: Caller,
  flowId: number,
): Promise<{ content: FlowContent; leftOut: string[] }> {
  const { read } = room.db;
  const flow = await readFlow(room, caller, flowId);
  const withTasks = (await findEditable(read, caller, [flowId])).has(flowId);
  const content = await readContent(read, tasks.box, flow, { withTasks });
  const stay = withTasks ? [] : ['Webhook tasks stay here: only editors of the flow take them along.'];
  return { content, leftOut: [...stay, ...listLeftOut(content)] };
}

/** The zip and its name. */
export async function exportFlow(
  context: TransferContext,
  caller: Caller,
  flowId: number,
): Promise<{ name: string; bytes: Buffer }> {
  const { content } = await readForExport(context, caller, flowId);
  const document = writePackage(content, {
    exportedAt: new Date(context.room.clock.now()).toISOString(),
    exportedBy: caller.personId,
    uuid: randomUUID(),
    version,
  });
  const name = namePackage(content.name);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  return { name: `${name}.zip`, bytes: await writePackageFile({ name: `${name}.json`, text }) };
}

/** What a package leaves out, in words. */
function listLeftOut({ tasks, datasets }: FlowContent): string[] {
  const secrets = tasks.flatMap(({ task }) => {
    const fields = listWithheld(task);
    return fields.length === 0 ? [] : [`The webhook task ${task.name} goes without ${fields.join(', ')}.`];
  });
  const uploads = datasets.flatMap(({ name, source }) =>
    source.kind === 'existing' && source.dataset.origin === 'upload'
      ? [`The file of the dataset ${name} stays here: it waits for one where it arrives.`]
      : [],
  );
  const withheld = datasets.flatMap(({ name, source }) =>
    source.kind === 'withheld'
      ? [`The dataset ${name} is withheld from the flow: it waits for a file where it arrives.`]
      : [],
  );
  return [...secrets, ...uploads, ...withheld];
}
