// The figures of the range, each with what it is made of and a way to the rows behind it.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount, formatDuration, formatNumber, formatShare } from '../../parts/time/format.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import type { TimeRange } from '../../parts/time/time-range.ts';
import { homeText } from '../../text/home.ts';
import classes from './figures.module.css';
import type { Statistics } from './statistics.ts';

interface FiguresProps {
  readonly statistics: Statistics;
  readonly range: TimeRange;
}

interface Figure {
  readonly label: string;
  readonly value: ReactNode;
  readonly note: string;
  /** Where the rows behind it are. */
  readonly to?: { readonly path: string; readonly search: Readonly<Record<string, string>> };
  readonly bad?: boolean;
}

export function Figures({ statistics, range }: FiguresProps) {
  return (
    <ul className={classes['figures']} aria-label={homeText.figures}>
      {[
        successRate(statistics),
        timeToReceive(statistics),
        oldestPending(statistics),
        dead(statistics, range),
        jobs(statistics),
      ].map((figure) => (
        <Tile key={figure.label} {...figure} />
      ))}
    </ul>
  );
}

function Tile({ label, value, note, to, bad = false }: Figure) {
  return (
    <li className={classes['figure']}>
      <Text size="sm" c="dimmed" component="div">
        {to === undefined ? (
          label
        ) : (
          <PageLink to={to.path} search={to.search} inherit>
            {label}
          </PageLink>
        )}
      </Text>
      <div className={classes['value']} data-bad={bad}>
        {value}
      </div>
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </li>
  );
}

function successRate({ successRate: share, attempts }: Statistics): Figure {
  const { delivered, dead: given, blocked } = attempts;
  return {
    label: homeText.successRate,
    value: share === null ? homeText.noValue : formatShare(share),
    note:
      share === null
        ? homeText.noneEnded
        : homeText.successNote(formatNumber(delivered), formatNumber(given + blocked)),
  };
}

function timeToReceive({ timeToReceive: { p50Ms, p95Ms } }: Statistics): Figure {
  return {
    label: homeText.timeToReceive,
    value: p50Ms === null ? homeText.noValue : formatDuration(p50Ms),
    note: p95Ms === null ? homeText.nothingReceived : homeText.timeToReceiveNote(formatDuration(p95Ms)),
  };
}

function oldestPending({ oldestPendingAt, deliveries }: Statistics): Figure {
  const { pending, held, sending, max } = deliveries;
  const count = (value: number) => formatCount(value, max);
  return {
    label: homeText.oldestPending,
    value: oldestPendingAt === null ? homeText.noValue : <Moment at={oldestPendingAt} />,
    note:
      pending + held + sending === 0
        ? homeText.nothingPending
        : homeText.pendingNote(count(pending), count(held), count(sending)),
    to: { path: '/deliveries', search: { state: 'pending,sending' } },
  };
}

function dead({ deliveries: { dead: given, canceled, max } }: Statistics, range: TimeRange): Figure {
  return {
    label: homeText.dead,
    value: formatCount(given, max),
    note: homeText.deadNote(formatCount(canceled, max)),
    to: { path: '/deliveries', search: { state: 'dead', since: range } },
    bad: given > 0,
  };
}

function jobs({ jobs: { running, queued }, deliveries: { max } }: Statistics): Figure {
  return {
    label: homeText.jobs,
    value: formatCount(running, max),
    note: homeText.jobsNote(formatCount(queued, max)),
    to: { path: '/jobs', search: { status: 'InProgress,Created' } },
  };
}
