// One attempt on the time line: when, what came of it, how long each phase took, request and answer.
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import type { webhookAttempt } from '@flowhook/contract/webhook-delivery';
import { CodeBlock } from '../../parts/code-block.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import { formatDuration } from '../../parts/format.ts';
import { Moment } from '../../parts/moment.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { TextView } from '../../parts/text-view.tsx';
import { deliveryText } from '../../text/job.ts';
import classes from './job-page.module.css';

export type Attempt = z.output<typeof webhookAttempt>;

export function AttemptItem({ attempt }: { readonly attempt: Attempt }) {
  const [opened, setOpened] = useState(false);
  const { attempt: number, startedAt, durationMs, statusCode, reason } = attempt;
  const words = opened ? deliveryText.hide : deliveryText.show;
  const good = statusCode !== null && statusCode >= 200 && statusCode < 300;
  const said = reason === null ? deliveryText.answered(statusCode!) : writeReason(reason, statusCode);
  return (
    <li>
      <Group gap="sm">
        <Text fw={600}>{deliveryText.attempt(number)}</Text>
        <StateBadge state={said} label={said} tone={good ? 'good' : 'bad'} />
        <Moment at={startedAt} />
        {durationMs !== null && (
          <Text size="sm" c="dimmed">
            {formatDuration(durationMs)}
          </Text>
        )}
        <Button
          size="compact-xs"
          variant="subtle"
          aria-expanded={opened}
          aria-label={deliveryText.ofAttempt(words, number)}
          onClick={() => setOpened(!opened)}
        >
          {words}
        </Button>
      </Group>
      {attempt.detail !== null && <Text size="sm">{attempt.detail}</Text>}
      {opened && <Exchange attempt={attempt} />}
    </li>
  );
}

function writeReason(reason: string, status: number | null): string {
  const words = deliveryText.failed(deliveryText.reasons[reason] ?? reason);
  return status === null ? words : `${words} (${status})`;
}

function Exchange({
  attempt: { address, egress, timing, request, response },
}: {
  readonly attempt: Attempt;
}) {
  const decision =
    egress &&
    (egress.allowed ? deliveryText.egressAllowed(egress.rule) : deliveryText.egressRefused(egress.rule));
  return (
    <>
      <FactList
        facts={[
          { label: deliveryText.address, value: address ?? '–' },
          {
            label: deliveryText.egress,
            value: egress === null ? '–' : `${decision ?? ''}. ${egress.detail}`,
          },
        ]}
      />
      {timing !== null && <Timing timing={timing} />}
      <div className={classes['exchange']}>
        <section aria-label={deliveryText.request}>
          <Title order={4} size="h6" mb={4}>
            {deliveryText.request}
          </Title>
          {request !== null && (
            <Message
              head={`${request.method} ${request.url}`}
              headers={request.headers}
              body={request.body}
              label={deliveryText.request}
            />
          )}
        </section>
        <section aria-label={deliveryText.answer}>
          <Title order={4} size="h6" mb={4}>
            {deliveryText.answer}
          </Title>
          {response === null ? (
            <Text size="sm">{deliveryText.noAnswer}</Text>
          ) : (
            <Message
              head={String(response.statusCode)}
              headers={response.headers}
              body={response.body}
              label={deliveryText.answer}
            />
          )}
          {response?.truncated === true && (
            <Text size="xs" c="dimmed">
              {deliveryText.cut}
            </Text>
          )}
        </section>
      </div>
    </>
  );
}

interface MessageProps {
  readonly head: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | null;
  readonly label: string;
}

function Message({ head, headers, body, label }: MessageProps) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${[value].flat().join(', ')}`);
  return (
    <Stack gap="xs">
      <CodeBlock code={[head, ...lines].join('\n')} label={`${label}: ${deliveryText.headers}`} wrap />
      {body === null || body === '' ? (
        <Text size="sm" c="dimmed">
          {deliveryText.noBody}
        </Text>
      ) : (
        <TextView text={body} label={`${label}: ${deliveryText.body}`} />
      )}
    </Stack>
  );
}

type Times = NonNullable<Attempt['timing']>;

/** Each phase as a bar, with its figure. */
function Timing({ timing }: { readonly timing: Times }) {
  const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = timing;
  const known = { dnsMs, connectMs, tlsMs, firstByteMs };
  const spent = Object.values(known).reduce((sum: number, ms) => sum + (ms ?? 0), 0);
  const phases = { ...known, restMs: Math.max(0, totalMs - spent) };
  const shown = Object.entries(phases).filter((entry): entry is [string, number] => entry[1] !== null);
  return (
    <table className={`${classes['values']} ${classes['timing']}`}>
      <caption className={classes['caption']}>{deliveryText.timing}</caption>
      <tbody>
        {[...shown, ['total', totalMs] as const].map(([name, ms]) => (
          <tr key={name}>
            <th scope="row">{deliveryText.phases[name] ?? deliveryText.total}</th>
            <td className={classes['share']}>
              <div
                className={classes['bar']}
                style={{ width: totalMs === 0 ? 0 : `${Math.min(100, (ms / totalMs) * 100)}%` }}
                aria-hidden
              />
            </td>
            <td className={classes['number']}>{formatDuration(ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
