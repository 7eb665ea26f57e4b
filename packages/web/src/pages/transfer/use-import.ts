// The steps of an import: a package is chosen, looked at, and only then brought in.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { flowTransferEndpoints as endpoints } from '@flowhook/contract/flow/flow-transfer';
import type { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../api/api-problem.ts';
import { refresh } from '../../api/query.ts';
import { upload } from '../../api/upload.ts';
import type { Report } from './package-part.ts';

export type Step =
  | { readonly at: 'choose' }
  /** `share` is between 0 and 1; at 1 the server works on it. */
  | { readonly at: 'sending'; readonly file: File; readonly share: number; readonly imports: boolean }
  | { readonly at: 'refused'; readonly file: File; readonly problem: Problem }
  | {
      readonly at: 'review';
      readonly file: File;
      readonly report: Report;
      /** Why the import itself was refused. */
      readonly problem: Problem | null;
    }
  | { readonly at: 'done'; readonly report: Report };

export function useImport() {
  const client = useQueryClient();
  const [step, setStep] = useState<Step>({ at: 'choose' });

  function send(file: File, imports: boolean): Promise<Report> {
    const onProgress = (share: number) => setStep({ at: 'sending', file, share, imports });
    onProgress(0);
    const endpoint = imports ? endpoints.importPackage : endpoints.importDryRun;
    return upload(endpoint, undefined, { file, onProgress });
  }

  async function look(file: File): Promise<void> {
    try {
      const report = await send(file, false);
      setStep({ at: 'review', file, report, problem: null });
    } catch (error) {
      setStep({ at: 'refused', file, problem: toProblem(error) });
    }
  }

  async function bringIn(file: File, reviewed: Report): Promise<void> {
    try {
      const report = await send(file, true);
      refresh(client, ['/v4/flows', '/v4/importedDatasets', '/v4/webhookFlowTasks']);
      setStep({ at: 'done', report });
    } catch (error) {
      setStep({ at: 'review', file, report: reviewed, problem: toProblem(error) });
    }
  }

  return {
    step,
    look: (file: File) => void look(file),
    bringIn: (file: File, reviewed: Report) => void bringIn(file, reviewed),
    restart: () => setStep({ at: 'choose' }),
  };
}
