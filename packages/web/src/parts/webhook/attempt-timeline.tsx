// The attempts of a delivery as a time line, each with its request and answer, and when the next one follows.
import { Group, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useId, useState, type ReactNode } from 'react';
import type { z } from 'zod';
import type { webhookAttempt, webhookDelivery } from '@flowhook/contract/webhook/webhook-delivery';
import { attemptText as text } from '../../text/webhook/attempt.ts';
import { outcomeText } from '../../text/webhook/outcome.ts';
import classes from './attempt-timeline.module.css';
import { Countdown } from '../time/countdown.tsx';
import { formatDuration } from '../time/format.ts';
import { IconChevronDown, IconChevronRight } from '../icon.ts';
import { Moment } from '../time/moment.tsx';
import { StateBadge } from '../state-badge.tsx';

const ExchangeView = lazy(async () => ({ default: (await import('./exchange-view.tsx')).ExchangeView }));

type Attempt = z.output<typeof webhookAttempt>;

interface AttemptTimelineProps {
  /** In their order. */
  readonly attempts: readonly Attempt[];
  /** False where many stand on a page: the last one is what people come for, and is open else. */
  readonly openLast?: boolean;
  readonly delivery: Pick<z.output<typeof webhookDelivery>, 'state' | 'heldReason' | 'nextAttemptAt'>;
}

export function AttemptTimeline({ attempts, delivery, openLast = true }: AttemptTimelineProps) {
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  const turn = (attempt: number) => {
    const next = new Set(turned);
    if (!next.delete(attempt)) next.add(attempt);
    setTurned(next);
  };
  const last = attempts.at(-1)?.attempt;
  return (
    <ol className={classes['line']} aria-label={text.list}>
      {attempts.map((attempt) => (
        <AttemptItem
          key={attempt.attempt}
          attempt={attempt}
          opened={(openLast && attempt.attempt === last) !== turned.has(attempt.attempt)}
          onTurn={() => turn(attempt.attempt)}
        />
      ))}
      <NextAttempt {...delivery} />
    </ol>
  );
}

function NextAttempt({ state, heldReason, nextAttemptAt }: AttemptTimelineProps['delivery']) {
  if (state === 'sending') return <Item tone="busy" title={<StateBadge state="sending" />} />;
  if (state !== 'pending') return null;
  const when = nextAttemptAt === null ? null : <Countdown to={nextAttemptAt} />;
  return (
    <Item
      tone="waiting"
      title={
        <>
          <StateBadge
            state={heldReason === null ? 'pending' : 'held'}
            label={heldReason === null ? text.next : text.held[heldReason]}
          />
          <Text size="sm" component="span">
            {when}
          </Text>
        </>
      }
    />
  );
}

interface AttemptItemProps {
  readonly attempt: Attempt;
  readonly opened: boolean;
  onTurn(): void;
}

function AttemptItem({ attempt, opened, onTurn }: AttemptItemProps) {
  const id = useId();
  const { attempt: number, startedAt, durationMs, detail } = attempt;
  const received = isReceived(attempt);
  const Icon = opened ? IconChevronDown : IconChevronRight;
  return (
    <Item
      tone={received ? 'good' : 'bad'}
      title={
        <>
          <UnstyledButton
            className={classes['turn']}
            aria-expanded={opened}
            aria-controls={id}
            aria-label={opened ? text.hide(number) : text.show(number)}
            onClick={onTurn}
          >
            <Icon size={16} aria-hidden />
            {text.attempt(number)}
          </UnstyledButton>
          <StateBadge state={received ? 'delivered' : 'dead'} label={tellOutcome(attempt)} />
          <Text size="sm" c="dimmed" component="span">
            <Moment at={startedAt} />
            {durationMs !== null && `, ${text.took(formatDuration(durationMs))}`}
          </Text>
        </>
      }
    >
      {detail !== null && !received && <Text size="sm">{detail}</Text>}
      <div id={id} hidden={!opened} className={classes['exchange']}>
        {opened && (
          <Suspense fallback={<Skeleton height={160} />}>
            <ExchangeView exchange={attempt} />
          </Suspense>
        )}
      </div>
    </Item>
  );
}

interface ItemProps {
  readonly tone: 'good' | 'bad' | 'busy' | 'waiting';
  readonly title: ReactNode;
  readonly children?: ReactNode;
}

function Item({ tone, title, children }: ItemProps) {
  return (
    <li className={classes['item']} data-tone={tone}>
      <Group gap="xs">{title}</Group>
      {children}
    </li>
  );
}

function isReceived({ statusCode }: Attempt): boolean {
  return statusCode !== null && statusCode >= 200 && statusCode < 300;
}

/** `Answered 503`, `Timed out`; a redirect has both. */
function tellOutcome({ reason, statusCode }: Attempt): string {
  const answered = statusCode === null ? '' : text.answered(statusCode);
  const failed = reason === null ? '' : (outcomeText[reason] ?? reason);
  return [answered, failed].filter((each) => each !== '').join(', ');
}
