// A task tried before it is saved: with which job's facts, what the last test gave, and which of it is in sight.
import { useState } from 'react';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useChange } from '../../api/query.ts';
import { toTrial, type TaskValues } from './task-values.ts';

const trialTabs = ['preview', 'test', 'backtest', 'verify'] as const;
type TrialTab = (typeof trialTabs)[number];

export function isTrialTab(text: string | null): text is TrialTab {
  return trialTabs.some((tab) => tab === text);
}

export function useTaskTrial(values: TaskValues, task: { readonly flowId: number; readonly id?: number }) {
  const [jobId, chooseJob] = useState<string | null>(null);
  const [tab, setTab] = useState<TrialTab>('preview');
  const [lookedBack, setLookedBack] = useState(false);
  const show = (next: TrialTab) => {
    setTab(next);
    if (next === 'backtest') setLookedBack(true);
  };
  const test = useChange(webhookTaskEndpoints.test);
  const request = toTrial(values, { ...task, ...(jobId !== null && { jobGroupId: Number(jobId) }) });
  return {
    jobId,
    chooseJob,
    tab,
    show,
    /** What the backtest gave is kept while another tab is in sight. */
    lookedBack,
    request,
    test,
    /** True where the task, or the job whose facts it is tried with, was changed since the test. */
    testIsOld:
      test.variables !== undefined && JSON.stringify(test.variables.body) !== JSON.stringify(request),
    runTest() {
      show('test');
      test.mutate({ body: request });
    },
  };
}

export type TaskTrial = ReturnType<typeof useTaskTrial>;
