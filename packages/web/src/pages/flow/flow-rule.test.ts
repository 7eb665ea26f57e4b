// The rules of the flow view: layout, selection, names in SQL, faults, what forms make of stored values.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readOptions, writeOptions } from './dataset/dataset-option.ts';
import { layOutGraph, boxSize, type FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { freeName, quoteName } from './recipe/recipe-input.ts';
import { readSelection, writeSelection } from './selection.ts';
import { toFaults } from './recipe/sql-fault.ts';
import { readFile, writeFile, newFile } from './write-setting-value.ts';

const node = (id: number, name: string, dataset: number | null) => ({
  id,
  name,
  wrangled: dataset === null,
  flow: { id: 1 },
  recipe: dataset === null ? { id } : null,
  importedDataset: dataset === null ? null : { id: dataset },
  withheld: null,
});
const graph: FlowGraphAnswer = {
  data: [node(12, 'totals', null), node(11, 'large', null), node(10, 'orders', 3)],
  edges: [
    { inputFlowNode: { id: 10 }, outputFlowNode: { id: 11 }, primary: true },
    { inputFlowNode: { id: 11 }, outputFlowNode: { id: 12 }, primary: true },
  ],
  outputObjects: [{ id: 5, flowNode: { id: 12 }, isAdhoc: true, engine: 'duckdb', profiler: true }],
};

describe('the layout', () => {
  const { boxes, lines } = layOutGraph(graph);
  it('goes from what is read to what reads it, in the order of the keyboard', () => {
    assert.deepEqual(
      boxes.map(({ key }) => key),
      ['dataset-3', 'recipe-11', 'recipe-12', 'output-5'],
    );
    assert.deepEqual(
      boxes.map(({ reads }) => reads),
      [[], ['orders'], ['large'], ['totals']],
    );
    assert.equal(lines.length, 3);
  });
  it('marks what is withheld', () => {
    const withheld = { ...node(10, 'orders', 3), withheld: 'The dataset "orders" is withheld.' };
    const { boxes: marked } = layOutGraph({ ...graph, data: [...graph.data.slice(0, 2), withheld] });
    assert.deepEqual(
      marked.filter(({ isWithheld }) => isWithheld).map(({ key }) => key),
      ['dataset-3'],
    );
  });
  it('lets no box lie on another', () => {
    const many = Array.from({ length: 40 }, (_, index) => node(100 + index, `r${index}`, null));
    const edges = many.map(({ id }) => ({
      inputFlowNode: { id: 10 },
      outputFlowNode: { id },
      primary: true,
    }));
    const placed = layOutGraph({ ...graph, data: [...graph.data, ...many], edges }).boxes;
    for (const one of placed)
      for (const other of placed) {
        const apart =
          Math.abs(one.x - other.x) >= boxSize.width || Math.abs(one.y - other.y) >= boxSize.height;
        assert.ok(one === other || apart, `${one.key} and ${other.key}`);
      }
  });
  it('lays out an empty flow', () =>
    assert.deepEqual(layOutGraph({ data: [], edges: [], outputObjects: [] }), { boxes: [], lines: [] }));
});

describe('the selection', () => {
  it('stands in the address, one at a time', () => {
    for (const selection of [
      { kind: 'recipe', id: 12 },
      { kind: 'dataset', id: 3 },
      { kind: 'output', id: 5 },
      { kind: 'webhooks' },
      { kind: 'nothing' },
    ] as const) {
      const members = Object.entries(writeSelection(selection)).filter(([, value]) => value !== undefined);
      const texts = Object.fromEntries(members.map(([name, value]) => [name, String(value)]));
      assert.deepEqual(readSelection(texts), selection);
    }
    assert.deepEqual(readSelection({ recipe: 'x', dataset: '-1', output: '1.5' }), { kind: 'nothing' });
  });
});

describe('names in SQL', () => {
  it('are quoted where they are no plain words', () => {
    assert.equal(quoteName('orders_2'), 'orders_2');
    assert.equal(quoteName('2024'), '"2024"');
    assert.equal(quoteName('my "best" file'), '"my ""best"" file"');
  });
  it('are free whatever the letter case', () => assert.equal(freeName('a', ['A', 'a_2', 'b']), 'a_3'));
});

describe('a fault in SQL', () => {
  const fault = { recipe: 'r', message: 'no', hint: null, line: 1, column: 8, position: 7, length: null };
  it('is marked at its word, within the text', () => {
    assert.deepEqual(toFaults(fault, 'r', 'select popu from t'), [{ from: 7, to: 11, message: 'no' }]);
    assert.deepEqual(toFaults({ ...fault, position: 99 }, 'r', 'abc'), [{ from: 3, to: 3, message: 'no' }]);
    assert.deepEqual(toFaults({ ...fault, position: null }, 'r', 'abc'), [{ from: 0, to: 3, message: 'no' }]);
  });
  it('of another recipe is not marked in this one', () =>
    assert.deepEqual(toFaults({ ...fault, recipe: 'other' }, 'r', 'select 1'), []));
});

describe('forms', () => {
  it('give back the options of a dataset as they were', () => {
    for (const options of [
      {},
      { delimiter: '\t', quote: "'", header: false, encoding: 'latin-1', skipLines: 0 },
      { quote: '' },
      { escape: '\\', timestampFormat: '%s', nullValues: ['NA'], columnTypes: { a: 'DATE' } },
    ] as const)
      assert.deepEqual(writeOptions(readOptions(options as never), options as never), options);
  });
  it('give back a write setting as it was, Zstandard too', () => {
    for (const zstd of [true, false]) {
      const given = { ...newFile, path: 'a.csv', compression: 'none' as const, zstd };
      assert.deepEqual(writeFile(readFile(given as never)), given);
    }
  });
});
