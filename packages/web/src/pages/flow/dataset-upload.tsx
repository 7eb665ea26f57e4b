// Adds files to a flow as datasets, by drop or by button, with the progress of each.
import { Paper, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type DragEvent, type ReactNode } from 'react';
import { importedDatasetEndpoints } from '@flowhook/contract/imported-dataset';
import { toProblem, type ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { refresh } from '../../api/query.ts';
import { upload } from '../../api/upload.ts';
import { notifyDone } from '../../parts/notice.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { graphText } from '../../text/graph.ts';
import classes from './flow-page.module.css';

interface Progressing {
  readonly name: string;
  /** Between 0 and 1; at 1 the server reads it. */
  readonly share: number;
}

/** `onAdded` is told the id of each dataset. */
export function useDatasetUpload(flowId: number, onAdded: (dataset: number) => void) {
  const client = useQueryClient();
  const [now, setNow] = useState<Progressing | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);

  async function add(file: File): Promise<void> {
    const onProgress = (share: number) => setNow({ name: file.name, share });
    onProgress(0);
    const { id, name } = await upload(importedDatasetEndpoints.upload, undefined, { file, onProgress });
    await call(importedDatasetEndpoints.addToFlow, { params: { id }, body: { flow: { id: flowId } } });
    refresh(client, ['/v4/flows', '/v4/importedDatasets']);
    notifyDone(graphText.uploaded(name));
    onAdded(id);
  }

  async function addAll(files: readonly File[]): Promise<void> {
    setProblem(null);
    try {
      for (const file of files) await add(file);
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setNow(null);
    }
  }

  return {
    start: (files: readonly File[]) => void addAll(files),
    progress: (
      <>
        {now !== null && <UploadProgress {...now} />}
        {problem !== null && <ProblemAlert problem={problem} />}
      </>
    ),
  };
}

export function UploadProgress({ name, share }: Progressing) {
  const label = share < 1 ? graphText.uploading(name) : graphText.reading(name);
  return (
    <Paper withBorder p="sm">
      <Stack gap={6}>
        <Text size="sm" role="status">
          {label}
        </Text>
        <Progress value={share * 100} animated={share >= 1} aria-label={label} />
      </Stack>
    </Paper>
  );
}

interface DropZoneProps {
  readonly enabled: boolean;
  onFiles(files: readonly File[]): void;
  readonly children: ReactNode;
}

/** Takes files that are dropped on it; without a mouse there is the button. */
export function DropZone({ enabled, onFiles, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  if (!enabled) return children;
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files');
  return (
    <div
      role="presentation"
      className={classes['zone']}
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as globalThis.Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && <div className={classes['drop']}>{graphText.dropHere}</div>}
    </div>
  );
}
