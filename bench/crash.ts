// kill -9 at 50 random moments of a run with 2,000 deliveries, on SQLite, and on PostgreSQL where its URL is given.
//
//   node --conditions=flowhook-source bench/crash.ts [jobs] [kills]
import { makeTestDatabase } from '../packages/server/test/database.ts';
import { runCrash } from '../packages/server/test/crash.ts';
import { postgresUrl } from '../packages/server/test/postgres-server.ts';

const jobs = Number(process.argv[2] ?? 2000);
const kills = Number(process.argv[3] ?? 50);

for (const engine of ['sqlite', 'postgres'] as const) {
  if (engine === 'postgres' && postgresUrl() === undefined) {
    console.log('postgres: left out, FLOWHOOK_TEST_POSTGRES_URL is not set');
    continue;
  }
  const database = await makeTestDatabase(engine);
  const result = await runCrash({ jobs, kills, dataDir: database.dataDir, databaseUrl: database.url });
  await database.remove();
  console.log(engine, JSON.stringify(result));
}
