// Schedules that the server disabled, or that came in disabled, each with the reason; nothing where there are none.
import { Alert, List } from '@mantine/core';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { useEndpoint } from '../../api/query.ts';
import { IconAlertTriangle } from '../../parts/icon.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { scheduleText as text } from '../../text/schedule.ts';

const shown = 10;

export function StoppedSchedules() {
  const query = { stopped: 'true', embed: 'flow', sort: '-updatedAt', limit: shown };
  const schedules = useEndpoint(scheduleEndpoints.list, { query });
  const stopped = schedules.data?.data ?? [];
  if (stopped.length === 0) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={text.stopped} role="status">
      <List size="sm">
        {stopped.map(({ id, flow, disableReason }) => (
          <List.Item key={id}>
            <PageLink to={`/flows/${flow.id}/schedule`} size="sm">
              {text.stoppedBecause(nameOf(flow), disableReason ?? '')}
            </PageLink>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function nameOf({ id, name }: { readonly id: number; readonly name?: unknown }): string {
  return typeof name === 'string' ? name : String(id);
}
