// What is being deleted is known by its path and its id, as long as the deletion is not refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { isGone, noteRemoval } from './removal.ts';

const keyOf = (path: string, params: object) => [path, { params, query: undefined }];

describe('what is being deleted', () => {
  it('is the thing itself and what hangs on it, while the answer is awaited and after', async () => {
    const answer = Promise.withResolvers<void>();
    const removing = noteRemoval(flowEndpoints.remove, { id: 7 }, () => answer.promise);
    const gone = [keyOf('/v4/flows/:id', { id: '7' }), keyOf('/v4/flows/:id/deletion', { id: 7 })];
    const kept = [
      keyOf('/v4/flows/:id', { id: 8 }),
      keyOf('/v4/flows', {}),
      keyOf('/v4/webhookFlowTasks/:id', { id: 7 }),
      ['verify code', 'node'],
    ];
    assert.deepEqual(
      [gone.map(isGone), kept.map(isGone)],
      [
        [true, true],
        [false, false, false, false],
      ],
    );
    answer.resolve();
    await removing;
    assert.deepEqual(gone.map(isGone), [true, true]);
  });

  it('is there again where it was refused', async () => {
    const refused = noteRemoval(flowEndpoints.remove, { id: 9 }, () => Promise.reject(new Error('refused')));
    assert.ok(isGone(keyOf('/v4/flows/:id', { id: 9 })));
    await assert.rejects(refused);
    assert.ok(!isGone(keyOf('/v4/flows/:id', { id: 9 })));
  });

  it('is told by all its parameters', async () => {
    await noteRemoval(flowParameterEndpoints.remove, { id: 1, parameterId: 2 }, () => Promise.resolve());
    const path = flowParameterEndpoints.remove.path;
    assert.ok(isGone(keyOf(path, { id: 1, parameterId: 2 })));
    assert.ok(!isGone(keyOf(path, { id: 1, parameterId: 3 })));
    assert.ok(!isGone(keyOf('/v4/flows/:id/runParameters', { id: 1 })));
  });
});
