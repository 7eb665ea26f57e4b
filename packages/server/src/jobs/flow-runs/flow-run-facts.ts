// Pure: what the end of a flow run is recorded with.
import { occurrenceKeys } from '../../webhooks/messages/event-kind.ts';
import { factsVersion, type Facts, type FinalStatus, type Named } from '../../webhooks/messages/fact.ts';
import type { Occurrence } from '../../webhooks/events/record.ts';
import type { EndedFlowRun } from './flow-run-end.ts';

const kinds = {
  Complete: 'flowRun.success',
  Failed: 'flowRun.failure',
  Canceled: 'flowRun.canceled',
} as const satisfies Record<FinalStatus, string>;

/** The occurrence that the end of a flow run is. */
export function describeFlowRunEnd(run: EndedFlowRun, setAside: boolean): Occurrence {
  return {
    kind: kinds[run.status],
    occurrenceKey: occurrenceKeys.flowRun(run.id),
    flowId: run.flow.id,
    taskRevision: run.taskRevision,
    at: run.finishedAt,
    jobId: null,
    flowRunId: run.id,
    hop: Math.max(0, ...run.jobs.map(({ hop }) => hop)),
    aboutTaskId: null,
    seriesKey: null,
    boundTaskCount: 0,
    setAside,
    silenced: false,
    recipes: run.jobs.map(({ recipe }) => recipe).filter((recipe): recipe is Named => recipe !== null),
    facts: buildRunFacts(run),
  };
}

function buildRunFacts(run: EndedFlowRun): Facts {
  const failed = run.jobs.find(({ error }) => error !== null);
  return {
    version: factsVersion,
    event: kinds[run.status],
    job: null,
    flow: run.flow,
    recipe: null,
    output: null,
    person: run.person,
    files: [],
    error: failed?.error ? { ...failed.error, detail: null } : null,
    links: { jobUrl: null, jobApiUrl: null },
    external: {},
    parameters: {},
    history: null,
    overdue: null,
    flowRun: {
      id: run.id,
      status: run.status,
      startedAt: new Date(run.startedAt).toISOString(),
      finishedAt: new Date(run.finishedAt).toISOString(),
      jobs: run.jobs.map(({ id, status, recipe, rows }) => ({ id, status, recipe, rows })),
    },
  };
}
