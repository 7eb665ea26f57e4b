// The next times of a cron expression as it is typed, so that a slip is seen before it is saved.
import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { call } from '../../api/call.ts';
import { formatMoment } from '../../parts/time/format.ts';
import { conditionText as text } from '../../text/webhook/webhook-condition.ts';

const typingMs = 300;
const shown = 3;
const fieldCount = 5;

/** Nothing for six fields: schedules read those as another dialect. */
export function CronTimes({ cron, timezone }: { readonly cron: string; readonly timezone: string }) {
  const [expression] = useDebouncedValue(cron.trim(), typingMs);
  const times = useQuery({
    queryKey: [scheduleEndpoints.preview.path, expression, timezone],
    queryFn: ({ signal }) => {
      const triggers = [{ timeBased: { cron: { expression }, timezone } }];
      return call(scheduleEndpoints.preview, { body: { triggers, count: shown } }, { signal });
    },
    enabled: expression.split(/\s+/u).length === fieldCount,
    retry: false,
    placeholderData: keepPreviousData,
  });
  if (times.data === undefined && !times.isError) return null;
  const rows = times.isError ? [] : (times.data?.data ?? []);
  return (
    <Text size="sm" c="dimmed" role="status">
      {rows.length === 0
        ? text.noTimes
        : text.nextTimes(rows.map(({ at }) => formatMoment(Date.parse(at))).join(' · '))}
    </Text>
  );
}
