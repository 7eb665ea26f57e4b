// The audit of the account, over HTTP.
import { auditEndpoints as endpoints } from '@flowhook/contract/webhook/audit';
import type { Database } from '../../../db/database.ts';
import { runAudit } from '../../../webhooks/ledger/audit.ts';
import { writeTime } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';

export interface AuditRoutes {
  readonly db: Database;
  now(): number;
}

export function auditRoutes({ db, now }: AuditRoutes): Route[] {
  let underWay: ReturnType<typeof audit> | undefined;
  const audit = async () => {
    const checkedAt = writeTime(now());
    const { closes, counts, findings } = await db.readLong(runAudit);
    return { closes, checkedAt, counts, findings: [...findings] };
  };
  return [
    // Whoever asks while one is made gets the same: it goes through every row there is.
    implement(endpoints.account, () => (underWay ??= audit().finally(() => (underWay = undefined)))),
  ];
}
