// Beside the fields: what will be sent with a job's facts, what came of the last test, the backtest, and the code that verifies.
import { Select, Stack, Tabs } from '@mantine/core';
import { lazy, Suspense, type ReactNode, type Ref } from 'react';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { useEndpoint } from '../../api/query.ts';
import { Loading } from '../../parts/page/answer.tsx';
import { stateText } from '../../text/state.ts';
import { backtestText } from '../../text/webhook/webhook-backtest.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { PreviewSection } from './section/preview-section.tsx';
import { Section } from './section/section.tsx';
import classes from './task-drawer.module.css';
import type { TaskValues } from './task-values.ts';
import { TestSection } from './section/test-section.tsx';
import { isTrialTab, type TaskTrial } from './use-task-trial.ts';

const VerifyCode = lazy(() => import('./verify-code.tsx'));
const BacktestSection = lazy(() => import('./section/backtest-section.tsx'));

interface TrialColumnProps {
  readonly values: TaskValues;
  readonly flowId: number;
  readonly taskId?: number;
  readonly trial: TaskTrial;
  readonly ref: Ref<HTMLDivElement>;
}

export function TrialColumn({ ref, ...props }: TrialColumnProps) {
  const { values, flowId, trial } = props;
  const backtest = (
    <Suspense fallback={<Loading lines={3} />}>
      <BacktestSection {...props} />
    </Suspense>
  );
  if (values.kind !== 'request')
    return (
      <div className={classes['aside']}>
        <Section title={backtestText.title}>{backtest}</Section>
      </div>
    );
  return (
    <Stack className={classes['aside'] ?? ''} gap="sm" ref={ref}>
      <JobChoice flowId={flowId} value={trial.jobId} onChange={trial.chooseJob} />
      <Tabs value={trial.tab} onChange={(tab) => isTrialTab(tab) && trial.show(tab)} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="preview">{text.tabs.preview}</Tabs.Tab>
          <Tabs.Tab value="test">{text.tabs.test}</Tabs.Tab>
          <Tabs.Tab value="backtest">{backtestText.title}</Tabs.Tab>
          <Tabs.Tab value="verify">{text.tabs.verify}</Tabs.Tab>
        </Tabs.List>
        <Panel value="preview">
          <PreviewSection trial={trial.request} />
        </Panel>
        <Panel value="test">
          <TestSection test={trial.test} isOld={trial.testIsOld} />
        </Panel>
        <Panel value="backtest" keepMounted={trial.lookedBack}>
          {backtest}
        </Panel>
        <Panel value="verify">
          <Suspense fallback={<Loading lines={3} />}>
            <VerifyCode />
          </Suspense>
        </Panel>
      </Tabs>
    </Stack>
  );
}

interface PanelProps {
  readonly value: string;
  /** What came of it is there again on return. */
  readonly keepMounted?: boolean;
  readonly children: ReactNode;
}

function Panel({ children, ...panel }: PanelProps) {
  return (
    <Tabs.Panel {...panel} pt="sm">
      <Stack gap="sm">{children}</Stack>
    </Tabs.Panel>
  );
}

interface JobChoiceProps {
  readonly flowId: number;
  readonly value: string | null;
  onChange(value: string | null): void;
}

function JobChoice({ flowId, value, onChange }: JobChoiceProps) {
  const { data } = useEndpoint(jobGroupEndpoints.list, { query: { flowId, limit: 20 } });
  const ended = (data?.data ?? []).filter(({ finishedAt }) => finishedAt !== null);
  const jobs = ended.map(({ id, status }) => ({
    value: String(id),
    label: text.factsJob(id, stateText[status] ?? status),
  }));
  return (
    <Select
      label={text.facts}
      data={[{ value: '', label: text.factsSample }, ...jobs]}
      value={value ?? ''}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen === '' ? null : chosen)}
    />
  );
}
