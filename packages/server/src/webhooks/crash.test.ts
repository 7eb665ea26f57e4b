// A server that is killed while it sends loses nothing, on both engines. bench/crash.ts runs the same at full length.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runCrash } from '../../test/crash.ts';
import { describeOnBoth } from '../../test/database.ts';

describeOnBoth('kill -9 while sending', (make) => {
  it('loses no delivery, repeats no more than what was in flight, and the account closes', async () => {
    const database = await make();
    try {
      const result = await runCrash({
        jobs: 300,
        kills: 5,
        dataDir: database.dataDir,
        databaseUrl: database.url,
      });
      assert.deepEqual(
        [result.lost, result.auditCloses, result.jobs],
        [0, true, 300],
        JSON.stringify(result),
      );
      assert.ok(result.duplicates <= result.inFlight, JSON.stringify(result));
      assert.ok(result.slowestResumeMs < 5000, JSON.stringify(result));
    } finally {
      await database.remove();
    }
  });
});
