// flowhook audit: proves that the account closes, or names each row that breaks it; reads beside a running server.
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readMoment } from '../db/moment.ts';
import { openPostgres } from '../db/postgres.ts';
import { longPatience } from '../db/postgres/patience.ts';
import { openSqliteReader } from '../db/sqlite.ts';
import { sqliteFileName } from '../db/open-database.ts';
import type { Read } from '../db/database.ts';
import { runAudit, type AuditResult } from '../webhooks/ledger/audit.ts';
import { addSettingFlags, readSettings } from './setting-flag.ts';

export function addAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('Prove that every event, decision, delivery and attempt is accounted for.');
  addSettingFlags(command.option('--json', 'Print the result as JSON.')).action(audit);
}

async function audit(options: Record<string, string | undefined>): Promise<void> {
  const config = readSettings(options);
  const db = open(config.databaseUrl, resolve(config.dataDir));
  try {
    const result = await readMoment(db, runAudit);
    print(result, options['json'] !== undefined);
    process.exitCode = result.closes ? 0 : 1;
  } finally {
    await db.destroy();
  }
}

function open(url: string | null, dataDir: string): Read {
  if (url === null) return openSqliteReader(join(dataDir, sqliteFileName));
  return openPostgres(url, (error) => console.error(error), { patience: longPatience }).read;
}

function print(result: AuditResult, asJson: boolean): void {
  if (asJson) return console.log(JSON.stringify(result, null, 2));
  const { events, decisions, deliveries, attempts } = result.counts;
  for (const { rule, row, demands } of result.findings) console.log(`${rule}: ${row}. ${demands}`);
  const verdict = result.closes
    ? 'The account closes'
    : `The account does NOT close: ${result.findings.length} rows break it`;
  return console.log(
    `${verdict}: ${events} events, ${decisions} decisions, ${deliveries} deliveries, ${attempts} attempts.`,
  );
}
