// A dataset, recipe or output in the graph: a button that selects it, moved into view when it gets the focus.
import { UnstyledButton } from '@mantine/core';
import { Handle, Position, useReactFlow, type NodeProps, type Node } from '@xyflow/react';
import type { ComponentType, FocusEvent } from 'react';
import { IconCode, IconDatabase, IconFileExport, IconLock } from '../icon.ts';
import { graphText } from '../../text/graph.ts';
import classes from './flow-graph.module.css';
import { boxSize, type Box, type BoxKind } from './graph-layout.ts';

export interface BoxNodeData extends Record<string, unknown> {
  readonly box: Box;
  readonly selected: boolean;
  readonly selectable: boolean;
  /** Something is typed about it that is not saved. */
  readonly isUnsaved: boolean;
  onSelect(box: Box): void;
}

const icons: Readonly<Record<BoxKind, ComponentType<{ size?: number; 'aria-hidden'?: boolean }>>> = {
  dataset: IconDatabase,
  recipe: IconCode,
  output: IconFileExport,
};

export function BoxNode({ data }: NodeProps<Node<BoxNodeData>>) {
  const { box, selected, selectable, isUnsaved, onSelect } = data;
  const { setCenter, getZoom } = useReactFlow();
  const { kind, name, reads, x, y, isAdhoc, isWithheld } = box;
  const Icon = isWithheld ? IconLock : icons[kind];
  const show = ({ currentTarget }: FocusEvent<HTMLElement>) => {
    if (!currentTarget.matches(':focus-visible') || isInView(currentTarget)) return;
    void setCenter(x + boxSize.width / 2, y + boxSize.height / 2, { zoom: getZoom() });
  };
  const isOutput = kind === 'output';
  const what = isWithheld
    ? graphText.withheld
    : isOutput && !isAdhoc
      ? graphText.scheduledOutput
      : graphText.kinds[kind];
  const label = graphText.box(what, name, reads, isOutput) + (isUnsaved ? graphText.unsaved : '');
  const title = isOutput ? what : name;
  const word = (
    <span className={classes['name']} title={title}>
      {title}
    </span>
  );
  return (
    <>
      {kind !== 'dataset' && <Handle type="target" position={Position.Left} className={classes['handle']} />}
      {selectable ? (
        <UnstyledButton
          className={`nodrag nopan ${classes['box']}`}
          data-kind={kind}
          data-selected={selected}
          aria-pressed={selected}
          aria-label={label}
          onFocus={show}
          onClick={() => onSelect(box)}
        >
          <Icon size={18} aria-hidden />
          {word}
          {isUnsaved && <span className={classes['unsaved']} />}
        </UnstyledButton>
      ) : (
        <div className={classes['box']} data-kind={kind} data-still>
          <Icon size={18} aria-hidden />
          {word}
        </div>
      )}
      {kind !== 'output' && <Handle type="source" position={Position.Right} className={classes['handle']} />}
    </>
  );
}

function isInView(element: HTMLElement): boolean {
  const outer = element.closest('.react-flow')?.getBoundingClientRect();
  if (outer === undefined) return true;
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return left >= outer.left && right <= outer.right && top >= outer.top && bottom <= outer.bottom;
}
