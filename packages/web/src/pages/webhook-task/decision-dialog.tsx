// What a webhook task decided for each thing that happened, and why: also where it did not fire, and where no job was.
import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import { webhookDecisionEndpoints, type webhookDecision } from '@flowhook/contract/webhook/webhook-decision';
import { useRows } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { EntryList } from '../../parts/table/entry-list.tsx';
import { IconHistory } from '../../parts/icon.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { showEvent } from '../../text/event.ts';
import { jobDeliveryText, jobDetailText } from '../../text/job-detail.ts';
import { outputText } from '../../text/graph.ts';
import { partText } from '../../text/part.ts';
import { decisionText as text } from '../../text/webhook/webhook-decision.ts';
import type { Task } from './task-values.ts';

type Decision = z.output<typeof webhookDecision>;

const choices = [
  { value: '', label: text.all },
  { value: 'true', label: jobDeliveryText.decision(true) },
  { value: 'false', label: jobDeliveryText.decision(false) },
];

export default function DecisionDialog({
  task: { id, name },
  onClose,
}: {
  readonly task: Pick<Task, 'id' | 'name'>;
  onClose(): void;
}) {
  const [fired, setFired] = useState('');
  const decisions = useRows(
    webhookDecisionEndpoints.list,
    { query: { webhookFlowTaskId: id, ...(fired !== '' && { fired }) } },
    { pageSize: 50, cursorOf: ({ eventId }) => eventId },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={text.title(name)}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <Stack>
        <SegmentedControl
          aria-label={text.which}
          data={choices}
          value={fired}
          onChange={setFired}
          w="max-content"
        />
        <Answer
          of={decisions}
          isEmpty={(rows) => rows.length === 0}
          empty={{ icon: IconHistory, title: text.emptyTitle, detail: text.emptyDetail }}
        >
          {(rows) => (
            <EntryList label={text.list}>
              {rows.map((row) => (
                <Row key={row.eventId} of={row} />
              ))}
            </EntryList>
          )}
        </Answer>
        {decisions.hasNextPage && (
          <Button
            variant="default"
            w="max-content"
            loading={decisions.isFetchingNextPage}
            onClick={() => void decisions.fetchNextPage()}
          >
            {text.more}
          </Button>
        )}
      </Stack>
    </Modal>
  );
}

function Row({
  of: { at, event, fired, reason, jobGroup, flowRun, webhookDelivery },
}: {
  readonly of: Decision;
}) {
  return (
    <li>
      <Group gap="xs">
        <Text size="sm" component="span">
          <Moment at={at} />
        </Text>
        <StateBadge state={fired ? 'fired' : 'silent'} label={jobDeliveryText.decision(fired)} />
        <Text size="sm" c="dimmed">
          {showEvent(event)}
        </Text>
      </Group>
      <Text size="sm">{reason}</Text>
      <Group gap="sm">
        {jobGroup !== null && (
          <PageLink to={`/jobs/${jobGroup.id}`} search={{ tab: 'webhooks' }} size="sm">
            {outputText.job(jobGroup.id)}
          </PageLink>
        )}
        {flowRun !== null && (
          <PageLink to={`/flow-runs/${flowRun.id}`} size="sm">
            {jobDetailText.flowRunOf(flowRun.id)}
          </PageLink>
        )}
        {webhookDelivery !== null && (
          <PageLink to={`/deliveries/${webhookDelivery.id}`} size="sm">
            {deliveryText.oneTitleOf(webhookDelivery.id)}
          </PageLink>
        )}
      </Group>
    </li>
  );
}
