// The graph of a flow: boxes that are buttons, lines, pan and zoom.
import {
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  useReactFlow,
  useStore,
  type Edge,
  type Node,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useEffect, useMemo, useRef } from 'react';
import { useDraftNames } from '../form/draft-store.ts';
import { graphText } from '../../text/graph.ts';
import { BoxNode, type BoxNodeData } from './box-node.tsx';
import classes from './flow-graph.module.css';
import { boxSize, layOutGraph, type Box, type FlowGraphAnswer } from './graph-layout.ts';

export interface FlowGraphProps {
  readonly data: FlowGraphAnswer;
  /** Keys of the boxes that are shown as chosen. */
  readonly selected: ReadonlySet<string>;
  /** Which boxes are buttons; all unless given. The others only show where they belong. */
  readonly canSelect?: (box: Box) => boolean;
  /** True where the page around it scrolls: then the wheel does that, and nothing zooms unasked. */
  readonly inline?: boolean;
  readonly label?: string;
  /** Null where the ground was clicked. */
  onSelect(box: Box | null): void;
}

const all = () => true;

/** `recipe.7.sql` is about the box `recipe-7`. */
function keyOfThing(draft: string): string {
  return draft.split('.').slice(0, 2).join('-');
}

const nodeTypes = { box: BoxNode };
const fit = { minZoom: 0.6, maxZoom: 1, padding: 0.06 };

/** Shows all of it again where it has got more or less room. */
function FitOnResize(): null {
  const { fitView } = useReactFlow();
  const width = useStore((state) => state.width);
  const before = useRef(width);
  useEffect(() => {
    if (before.current !== 0 && before.current !== width) void fitView(fit);
    before.current = width;
  }, [width, fitView]);
  return null;
}

export default function FlowGraph(props: FlowGraphProps) {
  const { data, selected, canSelect = all, inline = false, label = graphText.graph, onSelect } = props;
  const graph = useMemo(() => layOutGraph(data), [data]);
  const names = useDraftNames();
  const unsaved = useMemo(() => new Set(names.split(' ').map(keyOfThing)), [names]);
  const nodes = useMemo(
    () =>
      graph.boxes.map((box): Node<BoxNodeData> => ({
        id: box.key,
        type: 'box',
        position: { x: box.x, y: box.y },
        ...boxSize,
        data: {
          box,
          selected: selected.has(box.key),
          selectable: canSelect(box),
          isUnsaved: unsaved.has(box.key),
          onSelect,
        },
      })),
    [graph, selected, canSelect, unsaved, onSelect],
  );
  const edges = useMemo(
    () =>
      graph.lines.map(({ key, from, to }): Edge => ({ id: key, source: from, target: to, focusable: false })),
    [graph],
  );
  // Laid out anew where something was added or taken away: then all of it is shown again.
  const shape = graph.boxes.map(({ key }) => key).join(' ');
  return (
    <div className={classes['graph']} data-inline={inline}>
      <ReactFlow
        key={shape}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={fit}
        minZoom={0.2}
        maxZoom={2}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        zoomOnScroll={!inline}
        preventScrolling={!inline}
        onPaneClick={() => onSelect(null)}
        aria-label={label}
        ariaLabelConfig={{
          'controls.ariaLabel': graphText.controls,
          'controls.zoomIn.ariaLabel': graphText.zoomIn,
          'controls.zoomOut.ariaLabel': graphText.zoomOut,
          'controls.fitView.ariaLabel': graphText.fitView,
        }}
      >
        <Background variant={BackgroundVariant.Dots} gap={18} size={1} />
        <Controls showInteractive={false} />
        <FitOnResize />
      </ReactFlow>
    </div>
  );
}
