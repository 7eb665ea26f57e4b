// Every migration there is, in the order in which they are applied; a new one stands at the end and never changes afterwards.
import { peopleAndFlows } from './migration/0001-people-and-flows.ts';
import { jobsAndWebhooks } from './migration/0002-jobs-and-webhooks.ts';
import { statistics } from './migration/0004-statistics.ts';
import { transfer } from './migration/0005-transfer.ts';
import { flowRunsAndSchedules } from './migration/0006-flow-runs-and-schedules.ts';
import { eventsAndConditions } from './migration/0007-events-and-conditions.ts';
import { administration } from './migration/0008-administration.ts';
import { retention } from './migration/0012-retention.ts';
import { retentionAtSize } from './migration/0013-retention-at-size.ts';
import { plannedEnds } from './migration/0014-planned-ends.ts';
import { walls } from './migration/0020-walls.ts';
import { crashes } from './migration/0021-crashes.ts';
import { keptCalls } from './migration/0022-kept-calls.ts';
import { lentDatasets } from './migration/0023-lent-datasets.ts';
import { places } from './migration/0024-places.ts';
import { crashedSchedules } from './migration/0025-crashed-schedules.ts';
import { placing } from './migration/0026-placing.ts';
import { flowsPassedOn } from './migration/0028-flows-passed-on.ts';
import { jobTurns } from './migration/0027-job-turns.ts';
import { eventSuspects } from './migration/0031-event-suspects.ts';
import { rejects } from './migration/0029-rejects.ts';
import { writtenForms } from './migration/0030-written-forms.ts';

export interface Migration {
  readonly version: number;
  /** What it is known by: it is applied once under this name. */
  readonly name: string;
  readonly text: string;
}

export const migrations: readonly Migration[] = [
  { version: 1, name: 'people and flows', text: peopleAndFlows },
  { version: 2, name: 'jobs and webhooks', text: jobsAndWebhooks },
  { version: 4, name: 'statistics', text: statistics },
  { version: 5, name: 'transfer', text: transfer },
  { version: 6, name: 'flow runs and schedules', text: flowRunsAndSchedules },
  { version: 7, name: 'events and conditions', text: eventsAndConditions },
  { version: 8, name: 'administration', text: administration },
  { version: 12, name: 'retention', text: retention },
  { version: 13, name: 'retention at size', text: retentionAtSize },
  { version: 14, name: 'planned ends', text: plannedEnds },
  { version: 20, name: 'walls', text: walls },
  { version: 21, name: 'crashes', text: crashes },
  { version: 22, name: 'kept calls', text: keptCalls },
  { version: 23, name: 'lent datasets', text: lentDatasets },
  { version: 24, name: 'places', text: places },
  { version: 25, name: 'crashed schedules', text: crashedSchedules },
  { version: 26, name: 'placing', text: placing },
  { version: 27, name: 'job turns', text: jobTurns },
  { version: 28, name: 'flows passed on', text: flowsPassedOn },
  { version: 29, name: 'rejects', text: rejects },
  { version: 30, name: 'written forms', text: writtenForms },
  { version: 31, name: 'event suspects', text: eventSuspects },
];
