// Names, circles and order of a flow's graph.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  findByName,
  findReadingCircle,
  nameApart,
  orderDownstream,
  orderUpstream,
  type GraphNode,
} from './recipe-graph.ts';

function dataset(id: number, name: string): GraphNode {
  return { id, kind: 'dataset', name, inputIds: [], primaryInputId: null, readsByName: false };
}

function recipe(id: number, name: string, inputIds: number[], readsByName = true): GraphNode {
  return { id, kind: 'recipe', name, inputIds, primaryInputId: inputIds[0] ?? null, readsByName };
}

const graphOf = (...nodes: GraphNode[]) => new Map(nodes.map((node) => [node.id, node]));
const ids = (nodes: readonly GraphNode[]) => nodes.map(({ id }) => id);

describe('names', () => {
  const graph = graphOf(dataset(1, 'orders'), recipe(2, 'Orders', [1]), recipe(3, 'totals', [2]));

  it('are compared without letter case, and a name that two carry stays two', () => {
    assert.deepEqual(ids(findByName(graph, 'ORDERS', { id: 3, primaryInputId: null })), [1, 2]);
    assert.deepEqual(findByName(graph, 'nobody', { id: 3, primaryInputId: null }), []);
  });

  it('mean the primary input first', () => {
    assert.deepEqual(ids(findByName(graph, 'orders', { id: 3, primaryInputId: 2 })), [2]);
  });

  it('mean what is read already before anything else of that name', () => {
    assert.deepEqual(ids(findByName(graph, 'orders', { id: 3, primaryInputId: null }, [1])), [1]);
  });

  it('mean the recipe itself only where nothing else carries them', () => {
    assert.deepEqual(ids(findByName(graph, 'orders', { id: 2, primaryInputId: null })), [1]);
    assert.deepEqual(ids(findByName(graph, 'totals', { id: 3, primaryInputId: null })), [3]);
  });
});

describe('circles', () => {
  const graph = graphOf(dataset(1, 'd'), recipe(2, 'a', [1]), recipe(3, 'b', [2]), recipe(4, 'c', [3, 1]));

  it('are found through any number of recipes, as the way there', () => {
    assert.deepEqual(findReadingCircle(graph, 2, [4]), [2, 4, 3, 2]);
    assert.deepEqual(findReadingCircle(graph, 2, [2]), [2, 2]);
  });

  it('are not seen where there is none', () => {
    assert.equal(findReadingCircle(graph, 4, [1, 2, 3]), null);
    assert.equal(findReadingCircle(graph, 0, [4]), null);
  });
});

describe('order', () => {
  /** Recipes that read only nodes before them: no circle. */
  const graphs = fc.array(fc.array(fc.nat()), { minLength: 1, maxLength: 20 }).map((rows) =>
    graphOf(
      ...rows.map((inputs, index) => {
        const inputIds = index === 0 ? [] : [...new Set(inputs.map((input) => (input % index) + 1))];
        return inputIds.length === 0
          ? dataset(index + 1, `n${index}`)
          : recipe(index + 1, `n${index}`, inputIds);
      }),
    ),
  );

  it('puts each node after all that it reads', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const order = ids(orderUpstream(graph, [...graph.keys()].toReversed()));
        assert.equal(order.length, graph.size);
        for (const { id, inputIds } of graph.values())
          for (const input of inputIds) assert.ok(order.indexOf(input) < order.indexOf(id));
      }),
    );
  });

  it('knows as downstream exactly the nodes that have the changed one upstream', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const changed = [...graph.keys()][0]!;
        const expected = [...graph.keys()].filter(
          (id) => id !== changed && ids(orderUpstream(graph, [id])).includes(changed),
        );
        assert.deepEqual(new Set(ids(orderDownstream(graph, [changed]))), new Set(expected));
      }),
    );
  });
});

describe('names for one query', () => {
  it('keep what is read by name and mark the rest', () => {
    const nodes = [dataset(1, 'orders'), recipe(2, 'Orders', [1], false), recipe(3, 'totals', [2])];
    assert.deepEqual(
      nameApart(nodes),
      new Map([
        [2, 'Orders'],
        [3, 'totals'],
        [1, 'orders (dataset 1)'],
      ]),
    );
  });

  it('clash where two of one name are read by name', () => {
    const nodes = [dataset(1, 'orders'), recipe(2, 'orders', [1]), recipe(3, 'totals', [2])];
    const names = nameApart(nodes);
    assert.ok(!(names instanceof Map));
    assert.deepEqual(ids(names.clash), [1, 2]);
  });

  it('are never the same for two nodes', () => {
    const anyNodes = fc.array(fc.constantFrom('a', 'A', 'b', 'a (recipe 2)', 'a (recipe 3)'), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(anyNodes, (names) => {
        const found = nameApart(names.map((name, index) => recipe(index + 1, name, [])));
        assert.ok(found instanceof Map);
        assert.equal(new Set([...found.values()].map((name) => name.toLowerCase())).size, names.length);
      }),
    );
  });
});
