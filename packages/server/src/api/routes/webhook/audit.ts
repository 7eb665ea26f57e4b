// The audit of the account, over HTTP.
import { join } from 'node:path';
import { auditEndpoints as endpoints } from '@flowhook/contract/webhook/audit';
import type { Database, Read } from '../../../db/database.ts';
import { readMoment } from '../../../db/moment.ts';
import { sqliteFileName } from '../../../db/open-database.ts';
import { openSqliteReader } from '../../../db/sqlite.ts';
import { runAudit } from '../../../webhooks/ledger/audit.ts';
import { writeTime } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';

export interface AuditRoutes {
  readonly db: Database;
  readonly dataDir: string;
  now(): number;
}

export function auditRoutes(options: AuditRoutes): Route[] {
  return [
    implement(endpoints.account, async () => {
      const { closes, counts, findings } = await withReader(options, (read) => readMoment(read, runAudit));
      return { closes, checkedAt: writeTime(options.now()), counts, findings: [...findings] };
    }),
  ];
}

/** On SQLite by a connection of its own: the usual one would keep everybody's reads waiting for so long. */
async function withReader<Result>(
  { db, dataDir }: AuditRoutes,
  work: (read: Read) => Promise<Result>,
): Promise<Result> {
  if (db.read.dialect === 'postgres') return work(db.read);
  const reader = openSqliteReader(join(dataDir, sqliteFileName));
  try {
    return await work(reader);
  } finally {
    await reader.destroy();
  }
}
