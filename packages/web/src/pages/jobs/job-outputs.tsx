// What a job wrote: files to download, and their first rows.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import { jobContentEndpoints } from '@flowhook/contract/job/job-content';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { outputFile } from '@flowhook/contract/job/job-result';
import { toAddress } from '../../api/place.ts';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { PreviewNote } from '../../parts/table/preview-note.tsx';
import { formatBytes, formatNumber } from '../../parts/time/format.ts';
import { IconDownload, IconFileText, IconTable } from '../../parts/icon.ts';
import { jobDetailText } from '../../text/job-detail.ts';
import { partText } from '../../text/part.ts';
import type { Job } from './job-column.tsx';
import classes from './job-page.module.css';

type OutputFile = z.output<typeof outputFile>;

export default function JobOutputs({ job: { id, status, external } }: { readonly job: Job }) {
  const outputs = useEndpoint(jobGroupEndpoints.outputs, { params: { id } });
  const open = status === 'Created' || status === 'InProgress';
  return (
    <Answer
      of={outputs}
      isEmpty={({ files }) => files.length === 0}
      empty={{
        icon: IconFileText,
        title: jobDetailText.noFilesTitle,
        detail: external
          ? jobDetailText.ranElsewhere
          : jobDetailText[open ? 'noFilesRunning' : 'noFilesDetail'],
      }}
    >
      {({ files }) => (
        <Stack>
          {files.map((file) => (
            <File key={file.id} jobId={id} file={file} />
          ))}
        </Stack>
      )}
    </Answer>
  );
}

function File({ jobId, file }: { readonly jobId: number; readonly file: OutputFile }) {
  const [opened, setOpened] = useState(file.isPrimaryOutput);
  const { id, name, format, size, rows, uri, placing, unpublishedReason } = file;
  const about = [
    format.toUpperCase(),
    rows !== null && jobDetailText.rowCount(rows, formatNumber(rows)),
    size !== null && formatBytes(size),
  ];
  return (
    <section className={classes['card']} aria-label={name}>
      <Group justify="space-between">
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm" c="dimmed">
            {[uri, ...about.filter((part) => part !== false)].join(' · ')}
          </Text>
          {placing !== 'placed' && (
            <Text size="sm" c="var(--mantine-color-error)">
              {[jobDetailText.unplaced[placing], unpublishedReason].filter(Boolean).join(' ')}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconTable size={16} aria-hidden />}
            aria-expanded={opened}
            aria-label={opened ? jobDetailText.hideRowsOf(name) : jobDetailText.firstRowsOf(name)}
            onClick={() => setOpened(!opened)}
          >
            {opened ? jobDetailText.hideRows : jobDetailText.firstRows}
          </Button>
          <Button
            component="a"
            href={toAddress(`/v4/jobGroups/${jobId}/outputs/${id}`)}
            download={name}
            variant="default"
            size="xs"
            leftSection={<IconDownload size={16} aria-hidden />}
            aria-label={jobDetailText.downloadOf(name)}
          >
            {jobDetailText.download}
          </Button>
        </Group>
      </Group>
      {opened && <Rows jobId={jobId} file={file} />}
    </section>
  );
}

function Rows({ jobId, file: { id, name } }: { readonly jobId: number; readonly file: OutputFile }) {
  const preview = useEndpoint(
    jobContentEndpoints.preview,
    { params: { id: jobId, fileId: id }, query: { limit: 50 } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  return (
    <Answer of={preview} lines={4}>
      {({ columns, rows, truncated, ...told }) => (
        <>
          <PreviewNote of={told} />
          <div
            className={classes['scroll']}
            tabIndex={0}
            role="region"
            aria-label={jobDetailText.firstRowsOf(name)}
          >
            <table className={classes['rows']}>
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th key={column.name} scope="col">
                      {column.name}
                      <span>{column.type}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row, index) => (
                  // oxlint-disable-next-line react/no-array-index-key -- Rows of a file have no name but their place.
                  <tr key={index}>
                    {columns.map((column, at) => (
                      <td key={column.name}>{writeCell(row[at])}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {truncated && (
            <Text size="xs" c="dimmed">
              {partText.truncated}
            </Text>
          )}
        </>
      )}
    </Answer>
  );
}

function writeCell(cell: unknown): string {
  if (cell === null || cell === undefined) return partText.nullValue;
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}
