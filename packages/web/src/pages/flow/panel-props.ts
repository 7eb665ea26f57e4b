// What the panel of a dataset, a recipe or an output is given.
import type { FlowDoing } from './flow-actions.tsx';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import type { Selection } from './selection.ts';

export interface PanelProps {
  readonly flowId: number;
  readonly graph: FlowGraphAnswer;
  readonly mayChange: boolean;
  readonly mayRun: boolean;
  onSelect(selection: Selection): void;
  onDo(doing: FlowDoing): void;
}
