// One delivery: its state, when it goes on, every attempt, and what can be done with it.
import { Group, Stack, Text, Title } from '@mantine/core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useEndpoint } from '../../api/query.ts';
import { useIdParam } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { AttemptTimeline } from '../../parts/webhook/attempt-timeline.tsx';
import { CopyButton } from '../../parts/code/copy-button.tsx';
import { FactList, type Fact } from '../../parts/table/fact-list.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { TextView } from '../../parts/code/text-view.tsx';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { endReasonText } from '../../text/webhook/outcome.ts';
import { showEvent } from '../../text/event.ts';
import { DeliveryActions } from './delivery-actions.tsx';
import { DeliveryState, FlowLink, NextAttempt, tellLastAnswer } from './delivery-column.tsx';

type Delivery = AnswerOf<typeof webhookDeliveryEndpoints.get>;

/** Each carries its body: a page of them, not all. */
const maxAttempts = 100;

export default function DeliveryPage() {
  const id = useIdParam();
  const delivery = useEndpoint(webhookDeliveryEndpoints.get, { params: { id } });
  const title = delivery.data?.webhookFlowTask.name ?? deliveryText.oneTitle;
  return (
    <PageFrame
      title={title}
      crumbs={[{ label: deliveryText.title, to: '/deliveries' }]}
      mark={delivery.data && <DeliveryState {...delivery.data} />}
      description={deliveryText.numberOf(id)}
      actions={delivery.data && <DeliveryActions delivery={delivery.data} />}
    >
      <Answer of={delivery}>
        {(data) => (
          <>
            <FactList facts={factsOf(data)} />
            <Attempts delivery={data} />
            <Body body={data.body} />
          </>
        )}
      </Answer>
    </PageFrame>
  );
}

function Attempts({ delivery }: { readonly delivery: Delivery }) {
  const { id } = delivery;
  const attempts = useEndpoint(
    webhookDeliveryEndpoints.attempts,
    {
      params: { id },
      query: { limit: maxAttempts, offset: Math.max(0, delivery.attemptCount - maxAttempts) },
    },
    { keepPrevious: true },
  );
  return (
    <Stack gap="xs" component="section" aria-label={deliveryText.attemptsTitle}>
      <Title order={2} size="h4">
        {deliveryText.attemptsTitle}
      </Title>
      <Answer of={attempts} lines={3}>
        {({ data }) => (
          <>
            {data.length === 0 && (
              <Text size="sm" c="dimmed">
                {deliveryText.noAttempts}
              </Text>
            )}
            <AttemptTimeline attempts={data} delivery={delivery} />
          </>
        )}
      </Answer>
    </Stack>
  );
}

function Body({ body }: Pick<Delivery, 'body'>) {
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {deliveryText.body}
      </Title>
      {body === null || body === '' ? (
        <Text size="sm" c="dimmed">
          {deliveryText.noBody}
        </Text>
      ) : (
        <TextView text={body} label={deliveryText.body} />
      )}
    </Stack>
  );
}

function FlowName({ id }: { readonly id: number }) {
  const flow = useEndpoint(flowEndpoints.get, { params: { id } });
  return <FlowLink flow={flow.data ?? { id }} />;
}

function factsOf(delivery: Delivery): Fact[] {
  const { facts: text } = deliveryText;
  const { jobGroup, startedJobGroup, repeats, endReason, heldReason, endedAt, event, deliveryId, flow } =
    delivery;
  const link = (to: string, label: string) => <PageLink to={to}>{label}</PageLink>;
  return [
    ...(endedAt === null ? [{ label: text.next, value: <NextAttempt {...delivery} /> }] : []),
    ...(heldReason === null ? [] : [{ label: text.heldReason, value: text.heldReasons[heldReason] }]),
    ...(endReason === null ? [] : [{ label: text.endReason, value: endReasonText[endReason] ?? endReason }]),
    { label: text.lastAnswer, value: tellLastAnswer(delivery) },
    {
      label: text.host,
      value:
        delivery.host === ''
          ? deliveryText.ownServer
          : link(`/deliveries?host=${encodeURIComponent(delivery.host)}`, delivery.host),
    },
    ...(startedJobGroup === null
      ? []
      : [
          {
            label: text.startedJob,
            value: link(`/jobs/${startedJobGroup.id}`, text.jobOf(startedJobGroup.id)),
          },
        ]),
    { label: text.event, value: showEvent(event) },
    {
      label: text.job,
      value: jobGroup === null ? deliveryText.noJob : link(`/jobs/${jobGroup.id}`, text.jobOf(jobGroup.id)),
    },
    { label: text.flow, value: <FlowName id={flow.id} /> },
    ...(repeats === null
      ? []
      : [
          {
            label: text.repeats,
            value: link(`/deliveries/${repeats.id}`, deliveryText.oneTitleOf(repeats.id)),
          },
        ]),
    { label: text.made, value: <Moment at={delivery.createdAt} /> },
    endedAt === null
      ? { label: text.expires, value: <Moment at={delivery.expiresAt} /> }
      : { label: text.ended, value: <Moment at={endedAt} /> },
    {
      label: text.deliveryId,
      value: (
        <Group gap={4} wrap="nowrap">
          <Text component="code" size="xs">
            {deliveryId}
          </Text>
          <CopyButton value={deliveryId} label={text.copyId} />
        </Group>
      ),
    },
  ];
}
