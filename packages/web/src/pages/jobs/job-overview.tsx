// A job at a glance: who, when, how far, and why it failed.
import { Alert, List, Progress, Stack, Text, Title } from '@mantine/core';
import type { z } from 'zod';
import { jobGroupEndpoints, type job as jobStep } from '@flowhook/contract/job/job-group';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { FactList, type Fact } from '../../parts/table/fact-list.tsx';
import { formatBytes, formatNumber } from '../../parts/time/format.ts';
import { IconAlertTriangle } from '../../parts/icon.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { TextView } from '../../parts/code/text-view.tsx';
import { jobText } from '../../text/job.ts';
import { jobDetailText } from '../../text/job-detail.ts';
import { Duration, nameOf, type Job } from './job-column.tsx';
import { JobRejects } from './job-rejects.tsx';
import classes from './job-page.module.css';

export default function JobOverview({ job }: { readonly job: Job }) {
  const { workloadError: error, warnings, facts } = job;
  return (
    <Stack gap="lg">
      {error !== null && <Failure error={error} />}
      {warnings.length > 0 && (
        <Alert
          color="yellow"
          variant="light"
          title={jobDetailText.warnings}
          icon={<IconAlertTriangle aria-hidden />}
        >
          <List>
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <FactList facts={listFacts(job)} />
      {job.rejectedRows !== null && job.rejectedRows > 0 && (
        <JobRejects jobId={job.id} count={job.rejectedRows} />
      )}
      {!job.external && <Steps job={job} />}
      {facts !== null && Object.keys(facts).length > 0 && (
        <section aria-label={jobDetailText.factsTitle}>
          <Title order={2} size="h4" mb="xs">
            {jobDetailText.factsTitle}
          </Title>
          <TextView text={JSON.stringify(facts)} label={jobDetailText.factsTitle} />
        </section>
      )}
    </Stack>
  );
}

function listFacts(job: Job) {
  const { flow, wrangledDataset: recipe, creator, startedBy, flowrun, rows, bytes } = job;
  const recipeLink = recipe !== null && (
    <PageLink to={`/flows/${flow.id}`} search={{ recipe: recipe.id }}>
      {nameOf(recipe)}
    </PageLink>
  );
  return [
    { label: jobText.flow, value: <PageLink to={`/flows/${flow.id}`}>{nameOf(flow)}</PageLink> },
    ...(recipeLink === false ? [] : [{ label: jobDetailText.recipe, value: recipeLink }]),
    { label: jobText.person, value: nameOf(creator) || jobText.nobody },
    { label: jobText.starter, value: jobText.starters[startedBy.kind] },
    ...listProvenance(job),
    ...(flowrun === null
      ? []
      : [
          {
            label: jobDetailText.flowRun,
            value: <PageLink to={`/flow-runs/${flowrun.id}`}>{jobDetailText.flowRunOf(flowrun.id)}</PageLink>,
          },
        ]),
    { label: jobDetailText.created, value: <Moment at={job.createdAt} exact /> },
    { label: jobText.started, value: <Moment at={job.startedAt} none={jobText.never} exact /> },
    { label: jobDetailText.finished, value: <Moment at={job.finishedAt} none={jobText.never} exact /> },
    { label: jobText.duration, value: <Duration job={job} /> },
    { label: jobText.rows, value: rows === null ? '–' : formatNumber(rows) },
    { label: jobDetailText.size, value: bytes === null ? '–' : formatBytes(bytes) },
  ];
}

/** Which job, task and delivery started it, as far as the person may see them. */
function listProvenance({ startedBy }: Job): Fact[] {
  const { delivery, jobGroup, webhookFlowTask: task, webhookDelivery } = startedBy;
  if (delivery === null) return [];
  return [
    ...(jobGroup
      ? [
          {
            label: jobDetailText.byJob,
            value: <PageLink to={`/jobs/${jobGroup.id}`}>{jobText.numbered(jobGroup.id)}</PageLink>,
          },
        ]
      : []),
    ...(task
      ? [
          {
            label: jobDetailText.byTask,
            value: (
              <PageLink to={`/flows/${task.flow.id}`} search={{ panel: 'webhooks', task: task.id }}>
                {task.name}
              </PageLink>
            ),
          },
        ]
      : []),
    {
      label: jobDetailText.delivery,
      value: webhookDelivery ? (
        <PageLink to={`/deliveries/${webhookDelivery.id}`}>{delivery}</PageLink>
      ) : (
        delivery
      ),
    },
  ];
}

type JobError = NonNullable<Job['workloadError']>;

/** What happened, where, and what to do. */
function Failure({ error }: { readonly error: JobError }) {
  const place = readPlace(error['detail']);
  return (
    <Alert
      color="red"
      variant="light"
      title={jobDetailText.failedTitle}
      icon={<IconAlertTriangle aria-hidden />}
      role="note"
    >
      <Text className={classes['message']}>{error.message}</Text>
      {typeof error.hint === 'string' && <Text>{error.hint}</Text>}
      {place !== null && (
        <Text size="sm" c="dimmed">
          {place}
        </Text>
      )}
    </Alert>
  );
}

function readPlace(detail: unknown): string | null {
  if (typeof detail !== 'object' || detail === null) return null;
  const inner =
    'sql' in detail && typeof detail.sql === 'object' && detail.sql !== null ? detail.sql : detail;
  const { recipe, line, column } = inner as Record<string, unknown>;
  const parts = [
    typeof recipe === 'string' && `${jobDetailText.recipe} ${recipe}`,
    typeof line === 'number' && `${jobDetailText.line} ${line}`,
    (typeof column === 'number' || typeof column === 'string') && `${jobDetailText.column} ${column}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : parts.join(', ');
}

function Steps({ job: { id } }: { readonly job: Job }) {
  const steps = useEndpoint(jobGroupEndpoints.jobs, { params: { id } });
  return (
    <section aria-label={jobDetailText.steps}>
      <Title order={2} size="h4" mb="xs">
        {jobDetailText.steps}
      </Title>
      <Answer of={steps} lines={3}>
        {({ data }) => (
          <ol className={classes['steps']}>
            {data.map((step) => (
              <Step key={step.id} step={step} />
            ))}
          </ol>
        )}
      </Answer>
    </section>
  );
}

function Step({ step }: { readonly step: z.output<typeof jobStep> }) {
  const { jobType, status, percentComplete, rows, bytes, errorMessage, startedAt } = step;
  const name = jobDetailText.stepKinds[jobType] ?? jobType;
  const percent = status === 'Complete' ? 100 : percentComplete;
  // The API ends every step with its job, as the original does; a step with an error is what the job failed at.
  const hasEnded = status === 'Failed' || status === 'Canceled';
  const state = hasEnded && startedAt === null && errorMessage === null ? 'neverBegun' : status;
  return (
    <li>
      <div className={classes['step']}>
        <Text fw={600}>{name}</Text>
        <StateBadge state={state} />
        <Text size="sm" c="dimmed">
          {rows !== null && jobDetailText.rowCount(rows, formatNumber(rows))}
          {bytes !== null && ` · ${formatBytes(bytes)}`}
        </Text>
      </div>
      {status === 'InProgress' && (
        <Progress value={percent} aria-label={jobDetailText.progressOf(name)} mt={4} />
      )}
      {errorMessage !== null && <Text size="sm">{errorMessage}</Text>}
    </li>
  );
}
