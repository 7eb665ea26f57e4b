// Adds files to a flow as datasets, with the progress of each.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import type { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { refresh } from '../../../api/query.ts';
import { upload } from '../../../api/upload.ts';
import { notifyDone } from '../../../parts/page/notice.ts';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { UploadBar } from '../../../parts/form/upload-bar.tsx';
import { graphText } from '../../../text/graph.ts';

interface Progressing {
  readonly name: string;
  /** Between 0 and 1; at 1 the server reads it. */
  readonly share: number;
}

/** `onAdded` is told the id of each dataset. */
export function useDatasetUpload(flowId: number, onAdded: (dataset: number) => void) {
  const client = useQueryClient();
  const [now, setNow] = useState<Progressing | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

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
  return <UploadBar label={share < 1 ? graphText.uploading(name) : graphText.reading(name)} share={share} />;
}
