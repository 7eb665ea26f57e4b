// A server that is killed while it sends, or whose database is, loses nothing. bench/crash.ts runs the same at full length.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCrash, type CrashResult } from '../../../test/crash.ts';
import { describeOnBoth } from '../../../test/database.ts';
import { byFullness } from '../../../test/full.ts';
import { findPostgresBinaries, startPostgres } from '../../../test/postgres.ts';

const run = byFullness({ jobs: 300, kills: 5 }, { jobs: 80, kills: 2 });

function judge(result: CrashResult): void {
  const shown = JSON.stringify(result);
  assert.deepEqual([result.lost, result.auditCloses, result.jobs], [0, true, run.jobs], shown);
  assert.ok(result.duplicates <= result.inFlight, shown);
  // Well before its lease would have run out, after 60 s: what may have ended a server takes its turn behind the others.
  assert.ok(result.slowestResumeMs < 30_000, shown);
}

describeOnBoth('kill -9 of the server while it sends', (make) => {
  it('loses no delivery, sends again what was cut off, and the account closes', async () => {
    const database = await make();
    try {
      const result = await runCrash({ ...run, dataDir: database.dataDir, databaseUrl: database.url });
      judge(result);
      assert.ok(result.cutOff > 0, 'nothing was cut off: the test has shown nothing');
    } finally {
      await database.remove();
    }
  });
});

const skip = findPostgresBinaries() === undefined ? 'PostgreSQL is not installed here' : false;
describe('kill -9 of PostgreSQL while the server sends', { skip }, () => {
  it('loses no delivery, goes on by itself, and the account closes', async () => {
    const postgres = await startPostgres();
    const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-crash-'));
    try {
      const databaseUrl = await postgres.createDatabase();
      judge(await runCrash({ ...run, dataDir, databaseUrl, victim: postgres }));
    } finally {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
