// Beside the fields: what will be sent with a job's facts, the test, the backtest, and the code that verifies it.
import { Select, Stack } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { useEndpoint } from '../../api/query.ts';
import { Loading } from '../../parts/page/answer.tsx';
import { stateText } from '../../text/state.ts';
import { backtestText } from '../../text/webhook/webhook-backtest.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { PreviewSection } from './section/preview-section.tsx';
import { Section } from './section/section.tsx';
import classes from './task-drawer.module.css';
import { toTrial, type TaskValues } from './task-values.ts';
import { TestSection } from './section/test-section.tsx';

const VerifyCode = lazy(() => import('./verify-code.tsx'));
const BacktestSection = lazy(() => import('./section/backtest-section.tsx'));

interface TrialColumnProps {
  readonly values: TaskValues;
  readonly flowId: number;
  readonly taskId?: number;
}

export function TrialColumn(props: TrialColumnProps) {
  const sends = props.values.kind === 'request';
  return (
    <Stack className={classes['aside'] ?? ''} gap="lg">
      {sends && <RequestTrial {...props} />}
      <Section title={backtestText.title}>
        <Suspense fallback={<Loading lines={3} />}>
          <BacktestSection {...props} />
        </Suspense>
      </Section>
      {sends && (
        <Section title={text.sections.verify}>
          <Suspense fallback={<Loading lines={3} />}>
            <VerifyCode />
          </Suspense>
        </Section>
      )}
    </Stack>
  );
}

function RequestTrial({ values, flowId, taskId }: TrialColumnProps) {
  const [jobId, setJobId] = useState<string | null>(null);
  const trial = toTrial(values, {
    flowId,
    ...(taskId !== undefined && { id: taskId }),
    ...(jobId !== null && { jobGroupId: Number(jobId) }),
  });
  return (
    <>
      <Section title={text.sections.preview}>
        <JobChoice flowId={flowId} value={jobId} onChange={setJobId} />
        <PreviewSection trial={trial} />
      </Section>
      <Section title={text.sections.test}>
        <TestSection trial={trial} />
      </Section>
    </>
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
