// What the announcements of each room are about, for the feed of changes.
import { datasetsChanged, flowsChanged } from '../../flows/flow-room.ts';
import { jobsChanged } from '../../jobs/finish.ts';
import { flowRunsChanged } from '../../jobs/flow-runs/flow-run-end.ts';
import { jobsQueued } from '../../jobs/runner.ts';
import { schedulesChanged } from '../../schedules/firing.ts';
import { deliveriesChanged } from '../../webhooks/deliveries/new-delivery.ts';
import { tasksChanged } from '../../webhooks/tasks/task-editing.ts';
import type { ChangeKind } from '../../workspace/change-feed.ts';

export const changeKinds: Readonly<Record<string, ChangeKind>> = {
  [flowsChanged]: 'flow',
  [datasetsChanged]: 'dataset',
  [tasksChanged]: 'webhookTask',
  [jobsChanged]: 'job',
  [jobsQueued]: 'job',
  [flowRunsChanged]: 'flowRun',
  [schedulesChanged]: 'schedule',
  [deliveriesChanged]: 'delivery',
};
