// Looking in: is it alive, is it ready.
import { healthEndpoints as endpoints } from '@flowhook/contract/health';
import type { WorkLoop } from '../../base/work-loop.ts';
import { version } from '../../base/version.ts';
import type { Database } from '../../db/database.ts';
import { pingDatabase } from '../../db/open-database.ts';
import { alreadySent, implement, type Route } from '../route.ts';

export interface HealthRoutes {
  readonly db: Database;
  readonly workers: Readonly<Record<string, WorkLoop>>;
}

/** A loop that has not ended a round for so long is stuck. */
const stuckMs = 60_000;

export function healthRoutes({ db, workers }: HealthRoutes): Route[] {
  return [
    implement(endpoints.alive, async () => ({ status: 'ok' as const, version })),
    implement(endpoints.ready, async ({ reply }) => {
      const checks = { database: await checkDatabase(db), ...checkWorkers(workers) };
      const isReady = Object.values(checks).every(({ ok }) => ok);
      if (isReady) return { status: 'ready' as const, checks };
      await reply
        .status(503)
        .type('application/json')
        .send(JSON.stringify({ status: 'not_ready', checks }));
      return alreadySent;
    }),
  ];
}

async function checkDatabase(db: Database): Promise<{ ok: boolean; detail: string }> {
  try {
    await pingDatabase(db);
    return { ok: true, detail: db.engine };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function checkWorkers(workers: HealthRoutes['workers']): Record<string, { ok: boolean; detail: string }> {
  return Object.fromEntries(
    Object.entries(workers).map(([name, loop]) => {
      const last = loop.lastRoundAt();
      const ok = last === null || Date.now() - last < stuckMs;
      return [
        name,
        { ok, detail: last === null ? 'no round yet' : `last round at ${new Date(last).toISOString()}` },
      ];
    }),
  );
}
