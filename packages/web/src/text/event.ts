// What has happened, in words, by the kind that X-Webhook-Event says.
import type { EventKind } from '@flowhook/contract/webhook/event-kind';

const words: Readonly<Record<EventKind, string>> = {
  'job.success': 'Job succeeded',
  'job.failure': 'Job failed',
  'job.canceled': 'Job canceled',
  'job.slow': 'Job runs long',
  'output.overdue': 'Output not refreshed in time',
  'flowRun.success': 'Flow run succeeded',
  'flowRun.failure': 'Flow run failed',
  'flowRun.canceled': 'Flow run canceled',
  test: 'Test',
};

/** A kind of event as people say it; one that this page does not know yet stands as it is. */
export const showEvent = (kind: string): string => (words as Readonly<Record<string, string>>)[kind] ?? kind;
