// kill -9 at random moments of a run, each while something is being sent: of the server on SQLite and on PostgreSQL, and
// of PostgreSQL itself. The receiver sometimes fails; its own log is the judge.
//
//   node --conditions=flowhook-source bench/crash.ts [jobs, 2000] [kills, 50] [sqlite] [postgres] [database]
import { makeTestDatabase } from '../packages/server/test/database.ts';
import { runCrash, type CrashResult } from '../packages/server/test/crash.ts';
import { findPostgresBinaries, startPostgres } from '../packages/server/test/postgres.ts';

const jobs = Number(process.argv[2] ?? 2000);
const kills = Number(process.argv[3] ?? 50);
const named = process.argv.slice(4);
const asked = (name: string) => named.length === 0 || named.includes(name);

if (asked('sqlite')) {
  const database = await makeTestDatabase('sqlite');
  print('server on SQLite', await runCrash({ jobs, kills, dataDir: database.dataDir, databaseUrl: null }));
  await database.remove();
}
if (findPostgresBinaries() === undefined) console.log('PostgreSQL: left out, its binaries were not found');
else {
  if (asked('postgres')) await onPostgres('server on PostgreSQL', false);
  if (asked('database')) await onPostgres('PostgreSQL itself', true);
}

async function onPostgres(name: string, isVictim: boolean): Promise<void> {
  const postgres = await startPostgres();
  const database = await makeTestDatabase('sqlite');
  try {
    const plan = { jobs, kills, dataDir: database.dataDir, databaseUrl: await postgres.createDatabase() };
    print(name, await runCrash(isVictim ? { ...plan, victim: postgres } : plan));
  } finally {
    await postgres.stop();
    await database.remove();
  }
}

function print(killed: string, result: CrashResult): void {
  console.log(`killed: ${killed}`);
  for (const [key, value] of Object.entries(result)) console.log(`  ${key}: ${value}`);
}
