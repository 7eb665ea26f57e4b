// Webhook tasks that a deletion disables, in words.
import type { z } from 'zod';
import type { flowDeletion } from '@flowhook/contract/flow/flow';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';

type Stopped = Pick<
  z.output<typeof flowDeletion>,
  'disabledWebhookFlowTasks' | 'hiddenDisabledWebhookFlowTaskCount'
>;

/** A line for each that the person may see, and one for all the others. */
export function listStopped({
  disabledWebhookFlowTasks: seen,
  hiddenDisabledWebhookFlowTaskCount: hidden,
}: Stopped): string[] {
  return [...seen.map(({ name }) => text.isStopped(name)), ...(hidden > 0 ? [text.areStopped(hidden)] : [])];
}
