// Pure: which answers a change touches, by their paths and parameters.
import type { z } from 'zod';
import type { changeEvent } from '@flowhook/contract/workspace/event-stream';

export type Change = Pick<z.output<typeof changeEvent>, 'kind' | 'id' | 'flowId'>;

/** Beginnings of the paths that a change of a kind touches; the first is the resource itself, found by its own id. */
const touched: Readonly<Record<Change['kind'], readonly string[]>> = {
  // Also told where many things of a flow changed at once.
  flow: [
    '/v4/flows',
    '/v4/wrangledDatasets',
    '/v4/outputObjects',
    '/v4/writeSettings',
    '/v4/webhookFlowTasks',
    '/v4/jobGroups',
    '/v4/webhookDeliveries',
    '/v4/statistics',
  ],
  dataset: ['/v4/importedDatasets', '/v4/wrangledDatasets', '/v4/flows'],
  recipe: ['/v4/wrangledDatasets', '/v4/flows', '/v4/outputObjects'],
  output: ['/v4/outputObjects', '/v4/writeSettings', '/v4/flows'],
  webhookTask: ['/v4/webhookFlowTasks', '/v4/flows/:id', '/v4/webhookDeliveries'],
  flowRun: ['/v4/flowRuns', '/v4/flows/:id', '/v4/webhookDecisions'],
  schedule: ['/v4/schedules', '/v4/flows/:id'],
  job: ['/v4/jobGroups', '/v4/jobLibrary', '/v4/jobs', '/v4/flows', '/v4/statistics', '/v4/webhookDecisions'],
  // The list of jobs says nothing of deliveries; a job's own page does.
  delivery: [
    '/v4/webhookDeliveries',
    '/v4/jobGroups/:id',
    '/v4/webhookFlowTasks',
    '/v4/webhookDecisions',
    '/v4/statistics',
  ],
};

/** True for a list of the very things that changed: the change's id is that of a row. */
export function isListOf(path: string, { kind }: Change): boolean {
  return touched[kind][0] === path;
}

/** True if the answer of `path` with these parameters may be another one now. */
export function isTouched(path: string, params: Readonly<Record<string, unknown>>, change: Change): boolean {
  const [own = ''] = touched[change.kind];
  const beginning = touched[change.kind].find((each) => path === each || path.startsWith(`${each}/`));
  if (beginning === undefined) return false;
  const { id, flowId } = params;
  if (flowId !== undefined && change.flowId !== null && Number(flowId) !== change.flowId) return false;
  if (id === undefined || !path.includes('/:id')) return true;
  // A chain leads through other jobs and flows.
  if (path.endsWith('/chain')) return true;
  if (beginning === own) return Number(id) === change.id;
  if (beginning.startsWith('/v4/flows')) return change.flowId === null || Number(id) === change.flowId;
  return true;
}
