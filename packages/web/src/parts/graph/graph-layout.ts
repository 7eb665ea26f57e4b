// Pure: a flow's graph as boxes and lines, laid out from left to right.
import { Graph, layout } from '@dagrejs/dagre';
import type { AnswerOf } from '@flowhook/client/call-input';
import type { flowEndpoints } from '@flowhook/contract/flow/flow';

export type FlowGraphAnswer = AnswerOf<typeof flowEndpoints.flowNodes>;
export type BoxKind = 'dataset' | 'recipe' | 'output';

export interface Box {
  /** `dataset-3`: unique among all boxes. */
  readonly key: string;
  readonly kind: BoxKind;
  /** The dataset's, recipe's or output's own id. */
  readonly id: number;
  /** The recipe itself, or the one that an output is of; null for a dataset. */
  readonly recipeId: number | null;
  readonly name: string;
  /** The names of what it reads. */
  readonly reads: readonly string[];
  readonly isAdhoc: boolean;
  /** A dataset that the flow may not read. */
  readonly isWithheld: boolean;
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

export interface LaidOut {
  /** From left to right, from top to bottom: the order in which the keyboard goes through them. */
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export const boxSize = { width: 156, height: 46 } as const;

type Unplaced = Omit<Box, 'x' | 'y'>;

export function layOutGraph({ data, edges, outputObjects }: FlowGraphAnswer): LaidOut {
  const nameOf = new Map(data.map(({ id, name }) => [id, name]));
  const keyOf = new Map(data.map((node) => [node.id, keyOfNode(node)]));
  const nodes = data.map((node): Unplaced => ({
    key: keyOfNode(node),
    kind: node.wrangled ? 'recipe' : 'dataset',
    id: node.importedDataset?.id ?? node.id,
    recipeId: node.wrangled ? node.id : null,
    name: node.name,
    reads: edges
      .filter(({ outputFlowNode }) => outputFlowNode.id === node.id)
      .map(({ inputFlowNode }) => nameOf.get(inputFlowNode.id) ?? ''),
    isAdhoc: false,
    isWithheld: node.withheld !== null,
  }));
  const outputs = outputObjects.map(({ id, flowNode, isAdhoc }): Unplaced => {
    const recipe = nameOf.get(flowNode.id) ?? '';
    const recipeId = flowNode.id;
    const own = { key: `output-${id}`, kind: 'output', id, recipeId, name: recipe } as const;
    return { ...own, reads: [recipe], isAdhoc, isWithheld: false };
  });
  const lines = [
    ...edges.map(({ inputFlowNode, outputFlowNode }) => [inputFlowNode.id, keyOf.get(outputFlowNode.id)]),
    ...outputObjects.map(({ id, flowNode }) => [flowNode.id, `output-${id}`]),
  ].flatMap(([node, to]): Line[] => {
    const from = keyOf.get(node as number);
    return from === undefined || to === undefined ? [] : [{ key: `${from}>${to}`, from, to: String(to) }];
  });
  return { boxes: place([...nodes, ...outputs], lines), lines };
}

function keyOfNode(node: FlowGraphAnswer['data'][number]): string {
  return node.wrangled ? `recipe-${node.id}` : `dataset-${node.importedDataset?.id ?? node.id}`;
}

function place(boxes: readonly Unplaced[], lines: readonly Line[]): Box[] {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 20, ranksep: 40, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { key } of boxes) graph.setNode(key, { ...boxSize });
  for (const { from, to } of lines) graph.setEdge(from, to);
  layout(graph);
  return boxes
    .map((box) => {
      const { x, y } = graph.node(box.key) as { x: number; y: number };
      return { ...box, x: Math.round(x - boxSize.width / 2), y: Math.round(y - boxSize.height / 2) };
    })
    .toSorted((one, other) => one.x - other.x || one.y - other.y);
}
