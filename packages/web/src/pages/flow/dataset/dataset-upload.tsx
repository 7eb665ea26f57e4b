// Adds files to a flow as datasets, with the progress of each; one that can't be read by itself opens its options.
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
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

const AddDatasetDialog = lazy(() => import('./add-dataset-dialog.tsx'));

interface Progressing {
  readonly name: string;
  /** Between 0 and 1; at 1 the server reads it. */
  readonly share: number;
}

/** One whose options are said before it is added; without a file it is named by its address. */
interface Asking {
  readonly file: File | null;
  readonly isRefused: boolean;
}

/** `onAdded` is told the id of each dataset. */
export function useDatasetUpload(flowId: number, onAdded: (dataset: number) => void) {
  const client = useQueryClient();
  const [now, setNow] = useState<Progressing | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState<readonly Asking[]>([]);

  async function take({ id, name }: { readonly id: number; readonly name: string }): Promise<void> {
    await call(importedDatasetEndpoints.addToFlow, { params: { id }, body: { flow: { id: flowId } } });
    refresh(client, ['/v4/flows', '/v4/importedDatasets']);
    notifyDone(graphText.uploaded(name));
    onAdded(id);
  }

  async function add(file: File): Promise<void> {
    const onProgress = (share: number) => setNow({ name: file.name, share });
    onProgress(0);
    try {
      await take(await upload(importedDatasetEndpoints.upload, undefined, { file, onProgress }));
    } catch (error) {
      const told = toProblem(error);
      if (told.code !== 'file_unreadable') throw error;
      setAsking((before) => [...before, { file, isRefused: true }]);
    }
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

  const [first] = asking;
  return {
    start: (files: readonly File[]) => void addAll(files),
    /** Opens the options of a file before it is uploaded; null for one that is named by its address. */
    ask: (file: File | null) => setAsking((before) => [...before, { file, isRefused: false }]),
    progress: (
      <>
        {now !== null && <UploadProgress {...now} />}
        {problem !== null && <ProblemAlert problem={problem} />}
        {first !== undefined && now === null && (
          <Suspense fallback={null}>
            <AddDatasetDialog
              key={first.file === null ? '' : `${first.file.name} ${asking.length}`}
              {...first}
              onAdded={take}
              onClose={() => setAsking((before) => before.slice(1))}
            />
          </Suspense>
        )}
      </>
    ),
  };
}

export function UploadProgress({ name, share }: Progressing) {
  return <UploadBar label={share < 1 ? graphText.uploading(name) : graphText.reading(name)} share={share} />;
}
