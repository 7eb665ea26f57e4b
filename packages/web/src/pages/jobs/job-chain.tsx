// The chain of a job, drawn: which jobs led to it by webhooks, and which it led to.
import { Alert, Group, Stack, Text } from '@mantine/core';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { layOutLayers } from '../../parts/graph/graph-layer.ts';
import { IconClock, IconInfoCircle, IconRoute, IconWebhook } from '../../parts/icon.ts';
import { LayeredGraph } from '../../parts/graph/layered-graph.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { chainText } from '../../text/chain.ts';
import type { Job } from './job-column.tsx';
import classes from './job-page.module.css';

type Chain = AnswerOf<typeof jobGroupEndpoints.chain>;
type ChainJob = Chain['jobGroups'][number];
type Link = Chain['links'][number];

/** What stands for the start where no job was it: a time that ran out, or the end of a flow run. */
const noJob = 'start';

export default function JobChain({ job: { id } }: { readonly job: Job }) {
  const chain = useEndpoint(jobGroupEndpoints.chain, { params: { id } });
  return (
    <Answer
      of={chain}
      isEmpty={({ links }) => links.length === 0}
      empty={{ icon: IconRoute, title: chainText.noneTitle, detail: chainText.noneDetail }}
    >
      {(data) => <Drawing chain={data} id={id} />}
    </Answer>
  );
}

function Drawing({
  chain: { jobGroups, links, truncated },
  id,
}: {
  readonly chain: Chain;
  readonly id: number;
}) {
  const edges = links.map(({ source, target }) => ({
    source: source === null ? noJob : String(source),
    target: String(target),
  }));
  const starts = links.some(({ source }) => source === null) ? [noJob] : [];
  const layers = layOutLayers([...starts, ...jobGroups.map((job) => String(job.id))], edges);
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {chainText.detail}
      </Text>
      {truncated && <Alert icon={<IconInfoCircle aria-hidden />}>{chainText.truncated}</Alert>}
      <LayeredGraph label={chainText.graphLabel} layers={layers} edges={edges}>
        {(key) =>
          key === noJob ? (
            <Start />
          ) : (
            <Node
              job={jobGroups.find((each) => String(each.id) === key)!}
              links={links.filter(({ target }) => String(target) === key)}
              isThis={key === String(id)}
            />
          )
        }
      </LayeredGraph>
    </Stack>
  );
}

function Start() {
  return (
    <div className={classes['node']}>
      <Group gap={6} wrap="nowrap">
        <IconClock size={16} aria-hidden />
        <Text size="sm">{chainText.noJob}</Text>
      </Group>
    </div>
  );
}

interface NodeProps {
  readonly job: ChainJob;
  /** The deliveries that started it; one, but for the jobs of a flow run. */
  readonly links: readonly Link[];
  readonly isThis: boolean;
}

function Node({ job, links, isThis }: NodeProps) {
  const { id, status, flow, wrangledDataset: recipe } = job;
  const title = chainText.job(id);
  return (
    <div className={classes['node']} data-this={isThis}>
      <Group gap={6} justify="space-between" wrap="nowrap">
        {isThis ? (
          <Text fw={600} size="sm" aria-current="page">
            {title}
          </Text>
        ) : (
          <PageLink to={`/jobs/${id}`} search={{ tab: 'chain' }} fw={600} size="sm">
            {title}
          </PageLink>
        )}
        <StateBadge state={status} />
      </Group>
      <Text size="xs" truncate title={flow.name}>
        {recipe === null ? flow.name : chainText.recipeOf(recipe.name, flow.name)}
      </Text>
      {links.map(({ webhookFlowTask: task, webhookDelivery }) => (
        <Group key={webhookDelivery.id} gap={4} wrap="nowrap">
          <IconWebhook size={14} aria-hidden />
          <PageLink
            to={`/deliveries/${webhookDelivery.id}`}
            size="xs"
            truncate
            aria-label={chainText.startedBy(task.name)}
          >
            {task.name}
          </PageLink>
        </Group>
      ))}
    </div>
  );
}
