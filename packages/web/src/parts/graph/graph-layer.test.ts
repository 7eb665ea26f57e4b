// The columns of a graph: whatever leads to a node stands left of it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { layOutLayers } from './graph-layer.ts';

const edge = (source: string, target: string) => ({ source, target });

it('a node stands one column right of all that lead to it', () => {
  const edges = [edge('a', 'b'), edge('b', 'd'), edge('a', 'd'), edge('c', 'd')];
  assert.deepEqual(layOutLayers(['d', 'a', 'b', 'c'], edges), [['a', 'c'], ['b'], ['d']]);
  assert.deepEqual(layOutLayers([], []), []);
});

it('a circle ends, and loses no node', () => {
  const layers = layOutLayers(['a', 'b', 'c'], [edge('a', 'b'), edge('b', 'c'), edge('c', 'a')]);
  assert.deepEqual(layers.flat().toSorted(), ['a', 'b', 'c']);
});
