// Beside the name of a flow: when it runs by itself, or that it no longer does.
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { useEndpoint } from '../../api/query.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { scheduleText as text } from '../../text/schedule.ts';
import classes from './schedule-chip.module.css';
import { describeTimes } from '../schedule/schedule-sentence.ts';

export default function ScheduleChip({ flowId }: { readonly flowId: number }) {
  const schedules = useEndpoint(scheduleEndpoints.list, { query: { flowId } });
  const schedule = schedules.data?.data[0];
  if (schedule === undefined) return null;
  const { enabled, disableReason, triggers } = schedule;
  const times = triggers.map(({ timeBased: { cron, timezone } }) => ({ ...cron, timezone }));
  const stopped = !enabled && disableReason !== null;
  const label = enabled ? text.chip(describeTimes(times)) : stopped ? text.chipStopped : text.chipOff;
  return (
    <PageLink
      to={`/flows/${flowId}/schedule`}
      underline="never"
      className={classes['chip']}
      title={disableReason ?? label}
    >
      <StateBadge state={enabled ? 'waiting' : 'disabled'} label={label} {...(stopped && { tone: 'bad' })} />
    </PageLink>
  );
}
