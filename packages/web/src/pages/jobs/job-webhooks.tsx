// What every webhook task of the flow did about a job, those that did not fire too, with each delivery.
import { Group, Stack, Text, Title } from '@mantine/core';
import type { z } from 'zod';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { jobWebhook } from '@flowhook/contract/job/job-result';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { IconWebhook } from '../../parts/icon.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { jobDeliveryText } from '../../text/job-detail.ts';
import { showEvent } from '../../text/event.ts';
import { DeliveryCard } from './delivery-card.tsx';
import type { Job } from './job-column.tsx';
import classes from './job-page.module.css';

type JobWebhook = z.output<typeof jobWebhook>;

export default function JobWebhooks({ job: { id, finishedAt } }: { readonly job: Job }) {
  const webhooks = useEndpoint(jobGroupEndpoints.webhooks, { params: { id } });
  const chain = useEndpoint(jobGroupEndpoints.chain, { params: { id } });
  const started = new Map(chain.data?.links.map(({ deliveryId, target }) => [deliveryId, target]));
  return (
    <Answer
      of={webhooks}
      isEmpty={({ data }) => data.length === 0}
      empty={{
        icon: IconWebhook,
        title: jobDeliveryText.noneTitle,
        detail: finishedAt === null ? jobDeliveryText.noneYet : jobDeliveryText.noneDetail,
      }}
    >
      {({ data }) => (
        <Stack>
          {data.map((webhook) => (
            <Task
              key={`${webhook.webhookFlowTask.id} ${webhook.event}`}
              webhook={webhook}
              started={started}
            />
          ))}
        </Stack>
      )}
    </Answer>
  );
}

/** The decision and its reason, then what follows from it. */
function Task({
  webhook: { webhookFlowTask: task, fired, reason, event, deliveries },
  started,
}: {
  readonly webhook: JobWebhook;
  /** Jobs that deliveries started, by the public id of the delivery. */
  readonly started: ReadonlyMap<string, number>;
}) {
  return (
    <section className={classes['card']} aria-label={task.name}>
      <Group gap="sm">
        <Title order={2} size="h4">
          {task.name}
        </Title>
        <StateBadge state={fired ? 'fired' : 'silent'} label={jobDeliveryText.decision(fired)} />
        <Text size="sm" c="dimmed">
          {showEvent(event)}
        </Text>
      </Group>
      <Text mt={4}>{reason}</Text>
      {deliveries.data.map((delivery) => (
        <DeliveryCard key={delivery.id} delivery={delivery} startedJob={started.get(delivery.deliveryId)} />
      ))}
    </section>
  );
}
