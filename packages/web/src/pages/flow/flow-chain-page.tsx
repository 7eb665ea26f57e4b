// The chains that a flow stands in: which recipes its webhook tasks run, and which tasks run its own.
import { Group, Text } from '@mantine/core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useEndpoint } from '../../api/query.ts';
import { useIdParam } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { layOutLayers } from '../../parts/graph/graph-layer.ts';
import { IconClock, IconPlayerPause, IconRoute, IconWebhook } from '../../parts/icon.ts';
import { LayeredGraph } from '../../parts/graph/layered-graph.tsx';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { chainText } from '../../text/chain.ts';
import { flowText } from '../../text/flow.ts';
import classes from './flow-chain-page.module.css';

type Chain = AnswerOf<typeof webhookTaskEndpoints.chainOfFlow>;
type Recipe = Chain['wrangledDatasets'][number];
type Task = Chain['links'][number]['webhookFlowTask'];

/** What stands for the start where a task waits for no job. */
const noJob = 'start';

export default function FlowChainPage() {
  const id = useIdParam();
  const flow = useEndpoint(flowEndpoints.get, { params: { id } });
  const chain = useEndpoint(webhookTaskEndpoints.chainOfFlow, { params: { id } });
  return (
    <PageFrame
      title={chainText.flowTitle}
      description={chainText.flowDetail}
      crumbs={[
        { label: flowText.title, to: '/flows' },
        { label: flow.data?.name ?? flowText.oneTitle, to: `/flows/${id}` },
      ]}
      width="wide"
    >
      <Answer
        of={chain}
        isEmpty={({ links }) => links.length === 0}
        empty={{ icon: IconRoute, title: chainText.flowNoneTitle, detail: chainText.flowNoneDetail }}
      >
        {(data) => <Drawing chain={data} flowId={id} />}
      </Answer>
    </PageFrame>
  );
}

function Drawing({ chain, flowId }: { readonly chain: Chain; readonly flowId: number }) {
  const { wrangledDatasets: recipes, links } = chain;
  const keyOf = (id: number | null) => (id === null ? noJob : String(id));
  const edges = links.map(({ source, target }) => ({ source: keyOf(source), target: keyOf(target) }));
  const starts = links.some(({ source }) => source === null) ? [noJob] : [];
  const layers = layOutLayers([...starts, ...recipes.map(({ id }) => keyOf(id))], edges);
  const tasksOf = (key: string) => [
    ...new Map(
      links
        .filter(({ target }) => keyOf(target) === key)
        .map(({ webhookFlowTask: task }) => [task.id, task] as const),
    ).values(),
  ];
  return (
    <LayeredGraph label={chainText.flowGraphLabel} layers={layers} edges={edges}>
      {(key) => {
        const recipe = recipes.find(({ id }) => keyOf(id) === key);
        if (recipe === undefined) return <Start />;
        return <Node recipe={recipe} tasks={tasksOf(key)} isOwn={recipe.flow.id === flowId} />;
      }}
    </LayeredGraph>
  );
}

function Start() {
  return (
    <Group className={classes['node'] ?? ''} gap={6} wrap="nowrap">
      <IconClock size={16} aria-hidden />
      <Text size="sm">{chainText.noJob}</Text>
    </Group>
  );
}

interface NodeProps {
  readonly recipe: Recipe;
  /** Those that run it. */
  readonly tasks: readonly Task[];
  readonly isOwn: boolean;
}

function Node({ recipe: { id, name, flow }, tasks, isOwn }: NodeProps) {
  return (
    <div className={classes['node']} data-own={isOwn}>
      <PageLink to={`/flows/${flow.id}`} search={{ recipe: id }} fw={600} size="sm">
        {name}
      </PageLink>
      <Text size="xs" truncate title={flow.name}>
        {isOwn ? chainText.thisFlow : flow.name}
      </Text>
      {tasks.map((task) => (
        <Group key={task.id} gap={4} wrap="nowrap">
          {task.enabled ? <IconWebhook size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
          <PageLink
            to={`/flows/${task.flow.id}`}
            search={{ panel: 'webhooks', task: task.id }}
            size="xs"
            truncate
            aria-label={chainText.runBy(task.name, task.enabled)}
          >
            {task.enabled ? task.name : chainText.disabled(task.name)}
          </PageLink>
        </Group>
      ))}
    </div>
  );
}
