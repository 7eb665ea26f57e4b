// Which answers a change touches.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTouched, type Change } from './change-reach.ts';

const job: Change = { kind: 'job', id: 5, flowId: 7 };
const cases: readonly (readonly [boolean, string, Record<string, unknown>, Change])[] = [
  [true, '/v4/jobGroups/:id', { id: 5 }, job],
  [true, '/v4/jobGroups/:id', { id: '5' }, job],
  [false, '/v4/jobGroups/:id', { id: 6 }, job],
  [true, '/v4/jobGroups', {}, job],
  [true, '/v4/jobGroups', { flowId: 7 }, job],
  [false, '/v4/jobGroups', { flowId: 8 }, job],
  [true, '/v4/flows', {}, job],
  [true, '/v4/flows/:id', { id: 7 }, job],
  [false, '/v4/flows/:id', { id: 5 }, job],
  [true, '/v4/jobGroups/:id/chain', { id: 6 }, job],
  [true, '/v4/flows/:id/chain', { id: 8 }, { kind: 'webhookTask', id: 3, flowId: 7 }],
  [false, '/v4/people', {}, job],
  [false, '/v4/jobGroupsOfOthers', {}, job],
  [true, '/v4/jobGroups/:id/webhooks', { id: 1 }, { kind: 'delivery', id: 9, flowId: 7 }],
  [true, '/v4/jobGroups/:id', { id: 1 }, { kind: 'delivery', id: 9, flowId: 7 }],
  [false, '/v4/jobGroups', {}, { kind: 'delivery', id: 9, flowId: 7 }],
  [false, '/v4/flows', {}, { kind: 'webhookTask', id: 9, flowId: 7 }],
  [true, '/v4/flows/:id/webhookFlowTasks', { id: 7 }, { kind: 'webhookTask', id: 9, flowId: 7 }],
  [false, '/v4/flows/:id/webhookFlowTasks', { id: 8 }, { kind: 'webhookTask', id: 9, flowId: 7 }],
  [true, '/v4/wrangledDatasets/:id/preview', { id: 3 }, { kind: 'dataset', id: 9, flowId: null }],
  [false, '/v4/importedDatasets/:id', { id: 3 }, { kind: 'dataset', id: 9, flowId: null }],
  [true, '/v4/wrangledDatasets', { flowId: 7 }, { kind: 'flow', id: 7, flowId: 7 }],
];

describe('a change', () => {
  for (const [touches, path, params, change] of cases) {
    const what = `${change.kind} ${change.id} of flow ${change.flowId}`;
    it(`${what} ${touches ? 'touches' : 'leaves'} ${path} ${JSON.stringify(params)}`, () =>
      assert.equal(isTouched(path, params, change), touches));
  }
});
