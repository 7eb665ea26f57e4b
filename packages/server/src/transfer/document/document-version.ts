// Pure: what tells one version of a flow from another.
import { createHash } from 'node:crypto';
import type { FlowDocument } from '@flowhook/contract/flow/flow-document';
import type { FlowGraph } from '../../flows/graph-store.ts';
import { writeStable } from './document-plan.ts';

interface Versioned {
  readonly id: number;
  readonly version: number;
}

/** Another one after each change; a task's own version tells of its secrets, which the document does not show. */
export function writeVersion(
  document: FlowDocument,
  tasks: readonly { readonly runRecipeId?: number | null }[],
  versions: readonly Versioned[],
): string {
  // What runs elsewhere is named only to who sees it: its id is the same for all.
  const webhookTasks = document.webhookTasks.map((task, index) => ({
    ...task,
    runs: tasks[index]?.runRecipeId ?? null,
  }));
  const text = writeStable([{ ...document, webhookTasks }, versions]);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** What a change of the document is prepared from. */
export function writeState(version: string, graph: FlowGraph): string {
  const nodes = [...graph.values()].map(({ id, columns, inputIds, updatedAt, dataset }) => [
    id,
    updatedAt,
    inputIds,
    columns,
    dataset?.file_version,
  ]);
  return JSON.stringify([version, nodes]);
}
