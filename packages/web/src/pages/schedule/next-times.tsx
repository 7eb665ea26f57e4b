// The next ten times of triggers that may not be saved yet, on the viewer's clock and on that of the schedule.
import { Stack, Table, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { toProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { beginSentence } from '../../parts/form/form-fault.ts';
import { formatExact } from '../../parts/time/format.ts';
import { scheduleText } from '../../text/schedule.ts';

interface Trigger {
  readonly timeBased: { readonly cron: { readonly expression: string }; readonly timezone: string };
}

/** Typing rests for so long before the server is asked. */
const restMs = 300;

export function NextTimes({ triggers }: { readonly triggers: readonly Trigger[] }) {
  const [asked] = useDebouncedValue(JSON.stringify(triggers), restMs);
  const times = useQuery({
    queryKey: ['/v4/schedules/times', asked],
    queryFn: ({ signal }) =>
      call(
        scheduleEndpoints.preview,
        { body: { triggers: JSON.parse(asked) as Trigger[], count: 10 } },
        { signal },
      ),
    retry: false,
    placeholderData: keepPreviousData,
  });
  const rows = times.isError ? [] : (times.data?.data ?? []);
  return (
    <Stack gap={4}>
      <Title order={2} size="h4">
        {scheduleText.next}
      </Title>
      {times.isError ? (
        <Text size="sm" c="var(--mantine-color-error)" role="status">
          {explain(times.error)}
        </Text>
      ) : (
        <Text size="sm" c="dimmed">
          {rows.length === 0 && !times.isPending ? scheduleText.noNext : scheduleText.nextHelp}
        </Text>
      )}
      {rows.length > 0 && (
        <Table aria-label={scheduleText.next}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{scheduleText.yours}</Table.Th>
              <Table.Th scope="col">{scheduleText.theirs}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ at, local }) => (
              <Table.Tr key={at}>
                <Table.Td>{formatExact(Date.parse(at))}</Table.Td>
                <Table.Td>
                  {local.map(({ timezone, time }) => (
                    <div key={timezone}>{`${time.slice(0, 16).replace('T', ' ')} ${timezone}`}</div>
                  ))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

/** Where one field is at fault, what is wrong with it: the name that it has in the API says nothing here. */
function explain(error: unknown): string {
  const { faults, detail } = toProblem(error);
  return faults.length === 0 ? detail : faults.map((fault) => beginSentence(fault.detail)).join(' ');
}
