// What is removed once it is old, of all rooms: events with their deliveries, jobs, flow runs, the audit log, processes that ended.
import { join } from 'node:path';
import { isClockOff } from '../base/clock.ts';
import type { WorkLoop } from '../base/work-loop.ts';
import { createFlowRunRemoval, createJobRemoval } from '../jobs/job-retention.ts';
import { occurrenceRemoval } from '../schedules/occurrence-removal.ts';
import { createRetention } from '../webhooks/ledger/retention.ts';
import type { Ground } from '../workspace/ground.ts';
import { createAuditRemoval, createNodeRemoval } from '../workspace/old-record.ts';

type RetentionKey = 'webapp.retentionDays' | 'webapp.jobRetentionDays' | 'webapp.auditRetentionDays';

export function createGroundedRetention({ db, clock, onError, workspace, dataDir }: Ground): WorkLoop {
  const keepMs = (key: RetentionKey) => () => workspace.settings()[key] * 24 * 3_600_000;
  const jobs = { db, jobsDir: join(dataDir, 'jobs'), keepMs: keepMs('webapp.jobRetentionDays') };
  const auditMs = keepMs('webapp.auditRetentionDays');
  return createRetention({
    db,
    now: clock.now,
    onError,
    keepMs: keepMs('webapp.retentionDays'),
    mayRemove: () => !isClockOff(),
    others: [
      createJobRemoval(jobs),
      createFlowRunRemoval(jobs, occurrenceRemoval),
      createAuditRemoval(db, auditMs),
      createNodeRemoval(db, auditMs),
    ],
  });
}
