// One delivery: where it stands, what can be done with it, and its attempts as a time line.
import { Button, Group, Text, Title } from '@mantine/core';
import type { z } from 'zod';
import type { deliveryWithAttempts } from '@flowhook/contract/job/job-result';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { useFlowRights } from '../../api/flow-right.ts';
import { useChange } from '../../api/query.ts';
import { AttemptTimeline } from '../../parts/webhook/attempt-timeline.tsx';
import { FactList, type Fact } from '../../parts/table/fact-list.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { jobText } from '../../text/job.ts';
import { jobDeliveryText } from '../../text/job-detail.ts';
import { endReasonText } from '../../text/webhook/outcome.ts';
import classes from './job-page.module.css';

export type JobDelivery = z.output<typeof deliveryWithAttempts>;

interface DeliveryCardProps {
  readonly delivery: JobDelivery;
  /** The job of this server that it started. */
  readonly startedJob: number | undefined;
}

export function DeliveryCard({ delivery, startedJob }: DeliveryCardProps) {
  const { id, state, held, repeats, attempts } = delivery;
  const title = jobDeliveryText.numbered(id);
  return (
    <article className={classes['delivery']} aria-label={title}>
      <Group justify="space-between" mt="md">
        <Group gap="sm">
          <Title order={3} size="h5">
            <PageLink to={`/deliveries/${id}`} inherit>
              {title}
            </PageLink>
          </Title>
          <StateBadge state={held ? 'held' : state} />
          {repeats !== null && (
            <Text size="sm" c="dimmed">
              {jobDeliveryText.sentAsNewFor(repeats.id)}
            </Text>
          )}
        </Group>
        <Actions delivery={delivery} />
      </Group>
      <FactList facts={listFacts(delivery, startedJob)} />
      <AttemptTimeline attempts={attempts.data} delivery={delivery} openLast={false} />
    </article>
  );
}

function listFacts(delivery: JobDelivery, startedJob: number | undefined): Fact[] {
  const { deliveryId, host, expiresAt, endedAt, endReason } = delivery;
  return [
    { label: jobDeliveryText.host, value: host === '' ? jobDeliveryText.ownServer : host },
    ...(startedJob === undefined
      ? []
      : [
          {
            label: jobDeliveryText.startedJob,
            value: <PageLink to={`/jobs/${startedJob}`}>{jobText.numbered(startedJob)}</PageLink>,
          },
        ]),
    { label: jobDeliveryText.publicId, value: deliveryId },
    endedAt === null
      ? { label: jobDeliveryText.expires, value: <Moment at={expiresAt} /> }
      : { label: jobDeliveryText.ended, value: <Moment at={endedAt} /> },
    ...(endReason === null
      ? []
      : [{ label: jobDeliveryText.endReason, value: endReasonText[endReason] ?? endReason }]),
  ];
}

function Actions({ delivery: { id, state, flow } }: { readonly delivery: JobDelivery }) {
  const options = {
    refreshes: ['/v4/jobGroups'],
    onDone: (answer: { readonly id: number }) => notifyDone(jobDeliveryText.redelivered(answer.id)),
  };
  const redeliver = useChange(webhookDeliveryEndpoints.redeliver, options);
  const cancel = useChange(webhookDeliveryEndpoints.cancel, {
    ...options,
    onDone: () => notifyDone(jobDeliveryText.canceled(id)),
  });
  if (!useFlowRights(flow.id).change) return null;
  const send = (asNew: boolean) =>
    redeliver.mutate({ params: { id }, body: { asNew } }, { onError: notifyProblem });
  const open = state === 'pending' || state === 'sending';
  return (
    <Group gap="xs">
      {state !== 'sending' && (
        <Button size="xs" variant="default" title={jobDeliveryText.redeliverHint} onClick={() => send(false)}>
          {jobDeliveryText.redeliver}
        </Button>
      )}
      <Button size="xs" variant="default" title={jobDeliveryText.asNewHint} onClick={() => send(true)}>
        {jobDeliveryText.asNew}
      </Button>
      {open && (
        <Button
          size="xs"
          variant="subtle"
          color="red.9"
          onClick={() => cancel.mutate({ params: { id } }, { onError: notifyProblem })}
        >
          {jobDeliveryText.cancel}
        </Button>
      )}
    </Group>
  );
}
