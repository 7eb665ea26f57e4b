// A flow: its graph, and beside it what is selected. `?recipe=12` names the recipe.
import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { useRightsOn } from '../../api/flow-right.ts';
import type { FlowRights } from '../../api/flow-role.ts';
import { useEndpoint } from '../../api/query.ts';
import { useChangeSearch, useGo, useIdParam, useSearchTexts } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DropZone } from '../../parts/form/drop-zone.tsx';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { flowText } from '../../text/flow.ts';
import { graphText } from '../../text/graph.ts';
import { useDatasetUpload } from './dataset/dataset-upload.tsx';
import type { FlowDoing, FlowSubpage } from './flow-actions.tsx';
import classes from './flow-page.module.css';
import type { Box, FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { readSelection, writeSelection, type Selection } from './selection.ts';
import { SidePanel } from './side-panel.tsx';

const FlowActions = lazy(() => import('./flow-actions.tsx'));
const fetchGraph = () => import('../../parts/graph/flow-graph.tsx');
const FlowGraph = lazy(fetchGraph);
const FlowDialog = lazy(() => import('../flows/flow-dialog.tsx'));
const DeleteFlowDialog = lazy(() => import('../flows/delete-flow-dialog.tsx'));
const CopyDialog = lazy(() => import('../transfer/copy-dialog.tsx'));
const ExportDialog = lazy(() => import('../transfer/export-dialog.tsx'));
const ExistingDatasetDialog = lazy(() => import('./dataset/existing-dataset-dialog.tsx'));
const ScheduleChip = lazy(() => import('./schedule-chip.tsx'));
const RunFlowDialog = lazy(() => import('./run-flow-dialog.tsx'));
const NewRecipeDialog = lazy(() => import('./recipe/new-recipe-dialog.tsx'));

export default function FlowPage() {
  const id = useIdParam();
  // Beside the answers that it shows, not after them.
  useEffect(() => void fetchGraph().catch(() => undefined), []);
  const flow = useEndpoint(flowEndpoints.get, { params: { id } });
  const graph = useEndpoint(flowEndpoints.flowNodes, { params: { id } });
  const rights = useRightsOn(flow.data);
  const [doing, setDoing] = useState<FlowDoing | null>(null);
  const select = useSelect();
  const go = useGo();
  const uploads = useDatasetUpload(id, (dataset) => select({ kind: 'dataset', id: dataset }));
  const actions = flow.data && (
    <Suspense fallback={null}>
      <FlowActions
        rights={rights}
        onDo={(next) => (isPage(next.what) ? go(`/flows/${id}/${next.what}`) : setDoing(next))}
        onFiles={uploads.start}
        onFileWithOptions={uploads.ask}
        onWebhooks={() => select({ kind: 'webhooks' })}
        mayAddRecipe={(graph.data?.data.length ?? 0) > 0}
      />
    </Suspense>
  );
  return (
    <PageFrame
      title={flow.data?.name ?? flowText.title}
      description={flow.data?.description ?? undefined}
      crumbs={[{ label: flowText.title, to: '/flows' }]}
      mark={
        flow.data && (
          <Suspense fallback={null}>
            <ScheduleChip flowId={id} />
          </Suspense>
        )
      }
      actions={actions}
      width="wide"
    >
      {uploads.progress}
      <Answer of={flow} lines={8}>
        {() => (
          <Answer of={graph} lines={8}>
            {(data) => (
              <DropZone enabled={rights.change} label={graphText.dropHere} onFiles={uploads.start}>
                <View flowId={id} data={data} rights={rights} onSelect={select} onDo={setDoing} />
              </DropZone>
            )}
          </Answer>
        )}
      </Answer>
      <Suspense fallback={null}>
        {flow.data && (
          <Dialogs flow={flow.data} graph={graph.data} doing={doing} onClose={() => setDoing(null)} />
        )}
      </Suspense>
    </PageFrame>
  );
}

const subpages: readonly string[] = ['schedule', 'parameters', 'sharing'] satisfies FlowSubpage[];

function isPage(what: FlowDoing['what']): what is FlowSubpage {
  return subpages.includes(what);
}

/** Selecting makes an entry in the history: Back leads to what was selected before. */
function useSelect() {
  const change = useChangeSearch();
  return useCallback(
    (selection: Selection) => change(writeSelection(selection), { replace: false }),
    [change],
  );
}

interface ViewProps {
  readonly flowId: number;
  readonly data: FlowGraphAnswer;
  readonly rights: FlowRights;
  onSelect(selection: Selection): void;
  onDo(doing: FlowDoing): void;
}

function View({ flowId, data, rights, onSelect, onDo }: ViewProps) {
  const selection = readSelection(useSearchTexts());
  const key = 'id' in selection ? `${selection.kind}-${selection.id}` : '';
  const selected = useMemo(() => new Set([key]), [key]);
  const onBox = useCallback(
    (box: Box | null) => onSelect(box === null ? { kind: 'nothing' } : { kind: box.kind, id: box.id }),
    [onSelect],
  );
  return (
    <div className={classes['view']}>
      <div className={classes['graph']}>
        <Suspense fallback={<Skeleton height="100%" mih={260} />}>
          <FlowGraph data={data} selected={selected} onSelect={onBox} />
        </Suspense>
      </div>
      <SidePanel
        flowId={flowId}
        graph={data}
        selection={selection}
        mayChange={rights.change}
        mayRun={rights.run}
        onSelect={onSelect}
        onDo={onDo}
      />
    </div>
  );
}

interface DialogsProps {
  readonly flow: { readonly id: number; readonly name: string; readonly description: string | null };
  readonly graph: FlowGraphAnswer | undefined;
  readonly doing: FlowDoing | null;
  onClose(): void;
}

function Dialogs({ flow, graph, doing, onClose }: DialogsProps) {
  const go = useGo();
  switch (doing?.what) {
    case 'rename':
      return <FlowDialog flow={flow} onClose={onClose} />;
    case 'remove':
      return <DeleteFlowDialog flow={flow} onClose={onClose} onDeleted={() => go('/flows')} />;
    case 'existing':
      return <ExistingDatasetDialog flowId={flow.id} graph={graph} onClose={onClose} />;
    case 'recipe':
      return (
        <NewRecipeDialog
          flowId={flow.id}
          graph={graph}
          {...(doing.on && { on: doing.on })}
          onClose={onClose}
        />
      );
    case 'run':
      return <RunFlowDialog flowId={flow.id} onClose={onClose} />;
    case 'copy':
      return <CopyDialog flow={flow} onClose={onClose} />;
    case 'export':
      return <ExportDialog flow={flow} onClose={onClose} />;
    case 'schedule':
    case 'parameters':
    case 'sharing':
    case undefined:
      return null;
  }
}
