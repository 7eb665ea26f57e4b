// The rows that a job left out: how many, the first of them with the reason, and all that were kept as a file.
import { Button, Group, Stack, Title } from '@mantine/core';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { toAddress } from '../../api/place.ts';
import { useEndpoint } from '../../api/query.ts';
import { IconDownload } from '../../parts/icon.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { RowTable } from '../../parts/table/row-table.tsx';
import { formatNumber } from '../../parts/time/format.ts';
import { jobDetailText } from '../../text/job-detail.ts';

const maxShown = 50;

export function JobRejects({ jobId, count }: { readonly jobId: number; readonly count: number }) {
  const rejects = useEndpoint(jobGroupEndpoints.rejects, { params: { id: jobId } });
  const title = jobDetailText.rejects(count, formatNumber(count));
  return (
    <Stack component="section" aria-label={title} gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Button
          component="a"
          href={toAddress(`/v4/jobGroups/${jobId}/rejects/file`)}
          download={`job-${jobId}-rejects.csv`}
          variant="default"
          size="xs"
          leftSection={<IconDownload size={16} aria-hidden />}
          aria-label={jobDetailText.downloadOf(title)}
        >
          {jobDetailText.download}
        </Button>
      </Group>
      <Answer of={rejects}>
        {({ data }) => (
          <RowTable
            label={title}
            rows={{
              columns: jobDetailText.rejectColumns.map((name) => ({ name, type: '' })),
              rows: data
                .slice(0, maxShown)
                .map(({ file, line, column, value, reason }) => [file, line, column, value, reason]),
              truncated: data.length > maxShown,
            }}
          />
        )}
      </Answer>
    </Stack>
  );
}
