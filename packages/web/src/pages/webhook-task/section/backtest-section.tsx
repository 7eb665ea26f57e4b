// How often the task as it stands here would have fired over the last days, and which bodies would have been no JSON.
import { Alert, Button, Group, List, NativeSelect, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useChange } from '../../../api/query.ts';
import { formatNumber } from '../../../parts/time/format.ts';
import { IconAlertTriangle, IconHistory } from '../../../parts/icon.ts';
import { Moment } from '../../../parts/time/moment.tsx';
import { PageLink } from '../../../parts/page/page-link.tsx';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { StateBadge } from '../../../parts/state-badge.tsx';
import { backtestText as text } from '../../../text/webhook/webhook-backtest.ts';
import { toBacktest, type TaskValues } from '../task-values.ts';

type Result = AnswerOf<typeof webhookTaskEndpoints.backtest>;

const spans = [7, 30, 90].map((days) => ({ value: String(days), label: text.lastDays(days) }));
const maxListed = 20;

interface BacktestSectionProps {
  readonly values: TaskValues;
  readonly flowId: number;
  readonly taskId?: number;
}

export default function BacktestSection({ values, flowId, taskId }: BacktestSectionProps) {
  const [days, setDays] = useState('30');
  const [asked, setAsked] = useState('');
  const backtest = useChange(webhookTaskEndpoints.backtest);
  const body = toBacktest(values, {
    flowId,
    days: Number(days),
    ...(taskId !== undefined && { id: taskId }),
  });
  const now = JSON.stringify(body);
  const start = () => {
    setAsked(now);
    backtest.mutate({ body });
  };
  return (
    <>
      <Text size="sm" c="dimmed">
        {text.help}
      </Text>
      <Group align="flex-end" gap="xs">
        <NativeSelect
          label={text.span}
          data={spans}
          value={days}
          onChange={({ currentTarget }) => setDays(currentTarget.value)}
        />
        <Button
          variant="light"
          leftSection={<IconHistory size={16} aria-hidden />}
          loading={backtest.isPending}
          onClick={start}
        >
          {text.start}
        </Button>
      </Group>
      {backtest.error !== null && <ProblemAlert problem={backtest.error} />}
      {backtest.data !== undefined && !backtest.isPending && (
        <Outcome result={backtest.data} isOld={asked !== now} />
      )}
    </>
  );
}

function Outcome({ result, isOld }: { readonly result: Result; readonly isOld: boolean }) {
  const { days, events, wouldFire, invalidBodies, truncated, compared, notFired, firings } = result;
  return (
    <Stack gap="sm" role="status">
      <div>
        <Text fw={600}>{text.wouldFire(formatNumber(wouldFire), wouldFire, days)}</Text>
        <Text size="sm" c="dimmed">
          {events === 0 ? text.noEvents : text.looked(formatNumber(events), events)}
          {truncated && ` ${text.truncated}`}
        </Text>
        {isOld && <Text size="sm">{text.old}</Text>}
      </div>
      {invalidBodies > 0 && (
        <Alert
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title={text.invalidBodies(formatNumber(invalidBodies), invalidBodies)}
        >
          {text.invalidHelp}
        </Alert>
      )}
      {compared !== null && events > 0 && <Text size="sm">{describeCompared(compared)}</Text>}
      {firings.length > 0 && <Firings firings={firings} wouldFire={wouldFire} />}
      {notFired.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            {text.notFired}
          </Text>
          <List size="sm">
            {notFired.map(({ reasonCode, reason, count }) => (
              <List.Item key={reasonCode}>{text.notFiredBecause(formatNumber(count), reason)}</List.Item>
            ))}
          </List>
        </div>
      )}
    </Stack>
  );
}

function describeCompared({ both, onlyNow, onlyThen }: NonNullable<Result['compared']>): string {
  if (onlyNow === 0 && onlyThen === 0) return text.asThen;
  return text.compared(formatNumber(both), formatNumber(onlyNow), formatNumber(onlyThen));
}

function Firings({ firings, wouldFire }: Pick<Result, 'firings' | 'wouldFire'>) {
  const [whole, setWhole] = useState(false);
  const rows = whole ? firings : firings.slice(0, maxListed);
  return (
    <>
      <Table aria-label={text.firings}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{text.when}</Table.Th>
            <Table.Th scope="col">{text.why}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ jobGroup, event, at, reason, bodyFault }) => (
            <Table.Tr key={`${at} ${event} ${jobGroup?.id ?? ''}`}>
              <Table.Td style={{ verticalAlign: 'top' }}>
                <Moment at={at} />
                {jobGroup !== null && (
                  <div>
                    <PageLink to={`/jobs/${jobGroup.id}`} size="sm" target="_blank">
                      {text.job(jobGroup.id)}
                    </PageLink>
                  </div>
                )}
              </Table.Td>
              <Table.Td>
                {reason}
                {bodyFault !== null && (
                  <>
                    <div>
                      <StateBadge state="invalid" label={text.invalidBody} />
                    </div>
                    {bodyFault}
                  </>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length < firings.length && (
        <Button size="xs" variant="default" w="max-content" onClick={() => setWhole(true)}>
          {text.showAll(firings.length)}
        </Button>
      )}
      {whole && firings.length < wouldFire && (
        <Text size="sm" c="dimmed">
          {text.newestOnly(firings.length)}
        </Text>
      )}
    </>
  );
}
