// Chains: jobs that start each other by webhooks.
import { pageText } from './page.ts';

export const chainText = {
  flowTitle: pageText.flowChain,
  flowDetail:
    'From left to right: when a job of one recipe ends, a webhook task runs the next. Tasks and recipes of flows that you may not see are not drawn.',
  flowGraphLabel: 'Which recipes run after which',
  flowNoneTitle: 'This flow stands alone',
  flowNoneDetail:
    'None of its webhook tasks runs another job, and none of another flow runs one here. Make a webhook task that runs another job to build a chain.',
  thisFlow: 'this flow',
  runBy: (task: string, enabled: boolean) => `Run by “${task}”${enabled ? '' : ', which is disabled'}`,
  disabled: (task: string) => `${task} (disabled)`,
  openFlowChain: 'Chain of this flow',
  noneTitle: 'This job stands alone',
  noneDetail: 'No webhook has started it, and its webhook tasks have started no other job on this server.',
  detail: 'From left to right: each job was started by a webhook of the one before it.',
  graphLabel: 'The chain of this job',
  truncated: 'The chain is longer than is shown here.',
  noJob: 'A time that ran out, or a flow run',
  job: (id: number) => `Job ${id}`,
  recipeOf: (recipe: string, flow: string) => `${recipe} of ${flow}`,
  startedBy: (task: string) => `Started by the delivery of “${task}”`,
  startedJob: 'Started job',
} as const;
