// A small graph in columns, with lines between them: nodes are the page's own elements, in reading order.
import { useId, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import type { LayerEdge } from './graph-layer.ts';
import classes from './layered-graph.module.css';

interface LayeredGraphProps {
  readonly label: string;
  /** Keys of nodes, a list a column, from left to right. */
  readonly layers: readonly (readonly string[])[];
  readonly edges: readonly LayerEdge[];
  readonly children: (key: string) => ReactNode;
}

export function LayeredGraph({ label, layers, edges, children }: LayeredGraphProps) {
  const box = useRef<HTMLDivElement>(null);
  const paths = useLines(box, layers, edges);
  const arrow = useId();
  return (
    // Wider than the page it scrolls, also by the keyboard.
    <div ref={box} className={classes['graph']} role="group" aria-label={label}>
      <svg className={classes['lines']} width="100%" height="100%" aria-hidden>
        <defs>
          <marker
            id={arrow}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M1,1 L7,4 L1,7" fill="none" stroke="currentColor" strokeWidth={1.5} />
          </marker>
        </defs>
        {[...new Set(paths)].map((path) => (
          <path
            key={path}
            d={path}
            fill="none"
            stroke="currentColor"
            strokeWidth={1.5}
            markerEnd={`url(#${arrow})`}
          />
        ))}
      </svg>
      {layers.map((layer) => (
        <ul key={layer[0]} className={classes['layer']}>
          {layer.map((key) => (
            <li key={key} data-node={key}>
              {children(key)}
            </li>
          ))}
        </ul>
      ))}
    </div>
  );
}

/** Drawn where the nodes have come to stand. */
function useLines(
  box: RefObject<HTMLDivElement | null>,
  layers: LayeredGraphProps['layers'],
  edges: readonly LayerEdge[],
): readonly string[] {
  const [paths, setPaths] = useState<readonly string[]>([]);
  // Compared as text: callers make new lists of the same nodes.
  const shape = JSON.stringify([layers, edges]);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const [, drawn] = JSON.parse(shape) as [unknown, LayerEdge[]];
    const draw = () => setPaths(drawLines(current, drawn));
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(current);
    return () => observer.disconnect();
  }, [box, shape]);
  return paths;
}

function drawLines(box: HTMLElement, edges: readonly LayerEdge[]): string[] {
  const frame = box.getBoundingClientRect();
  const place = (key: string) => {
    const rect = box.querySelector(`[data-node="${CSS.escape(key)}"]`)?.getBoundingClientRect();
    const middle = rect === undefined ? 0 : rect.top + rect.height / 2 - frame.top;
    const shift = box.scrollLeft - frame.left;
    return rect && { left: rect.left + shift, right: rect.right + shift, middle };
  };
  return edges.flatMap(({ source, target }) => {
    const [from, to] = [place(source), place(target)];
    if (!from || !to) return [];
    const bend = (from.right + to.left) / 2;
    return [
      `M${from.right},${from.middle} C${bend},${from.middle} ${bend},${to.middle} ${to.left},${to.middle}`,
    ];
  });
}
