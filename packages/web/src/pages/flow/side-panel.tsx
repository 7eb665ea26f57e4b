// The panel beside the graph: what is selected, or the flow's webhooks.
import { CloseButton, Group, Skeleton, Title } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';
import { IconDatabase, IconLock, IconRoute } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { graphText, outputText } from '../../text/graph.ts';
import { webhookTaskText } from '../../text/webhook/webhook-task.ts';
import classes from './flow-page.module.css';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import type { PanelProps } from './panel-props.ts';
import type { Selection } from './selection.ts';

const DatasetPanel = lazy(() => import('./dataset/dataset-panel.tsx'));
const RecipePanel = lazy(() => import('./recipe/recipe-panel.tsx'));
const OutputPanel = lazy(() => import('./output-panel.tsx'));
const WebhookPanel = lazy(() => import('../webhook-task/webhook-panel.tsx'));

export function SidePanel({ selection, ...panel }: PanelProps & { readonly selection: Selection }) {
  const title = titleOf(selection, panel.graph);
  return (
    <section className={classes['panel']} aria-label={title}>
      {selection.kind !== 'nothing' && (
        <Group justify="space-between" wrap="nowrap" align="flex-start" mb="sm">
          <Title order={2} size="h4">
            {title}
          </Title>
          <CloseButton
            aria-label={graphText.closePanel}
            onClick={() => panel.onSelect({ kind: 'nothing' })}
          />
        </Group>
      )}
      <Suspense fallback={<Skeleton height={200} />}>{contentOf(selection, panel)}</Suspense>
    </section>
  );
}

function contentOf(selection: Selection, panel: PanelProps): ReactNode {
  switch (selection.kind) {
    case 'dataset': {
      const node = panel.graph.data.find(({ importedDataset }) => importedDataset?.id === selection.id);
      if (node !== undefined && node.withheld !== null)
        return <Message icon={IconLock} title={graphText.withheldTitle} detail={node.withheld} />;
      return <DatasetPanel key={selection.id} id={selection.id} {...panel} />;
    }
    case 'recipe':
      return <RecipePanel key={selection.id} id={selection.id} {...panel} />;
    case 'output':
      return <OutputPanel key={selection.id} id={selection.id} {...panel} />;
    case 'webhooks':
      return <WebhookPanel flowId={panel.flowId} graph={panel.graph} mayChange={panel.mayChange} />;
    case 'nothing':
      return panel.graph.data.length === 0 ? (
        <Message icon={IconDatabase} title={graphText.emptyTitle} detail={graphText.emptyDetail} />
      ) : (
        <Message icon={IconRoute} title={graphText.nothingTitle} detail={graphText.nothingDetail} />
      );
  }
}

function titleOf(selection: Selection, { data, outputObjects }: FlowGraphAnswer): string {
  if (selection.kind === 'nothing') return graphText.panel;
  if (selection.kind === 'webhooks') return webhookTaskText.panelTitle;
  const { kind, id } = selection;
  const output = kind === 'output' ? outputObjects.find((each) => each.id === id) : undefined;
  const node =
    kind === 'output'
      ? data.find((each) => each.id === output?.flowNode.id)
      : data.find((each) => (kind === 'dataset' ? each.importedDataset?.id === id : each.id === id));
  const name = node?.name ?? String(id);
  if (kind !== 'output') return name;
  return output?.isAdhoc === false ? outputText.scheduledTitle(name) : outputText.title(name);
}
