// The flowhook command: one line a subcommand; each parses, calls and prints.
import { Command, CommanderError } from 'commander';
import { Problem } from '../base/error.ts';
import { SettingError } from '../base/setting-kind.ts';
import { StartError } from '../base/start-error.ts';
import { version } from '../base/version.ts';
import { AlreadyOwned } from '../db/owner-lock.ts';
import { addAdmin } from './admin.ts';
import { addAudit } from './audit.ts';
import { addMigrate } from './migrate.ts';
import { addServe } from './serve.ts';

export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command('flowhook')
    .description('Data flows that call back, for sure.')
    .version(version)
    .exitOverride();
  addServe(program);
  addMigrate(program);
  addAdmin(program);
  addAudit(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else fail(error);
  }
}

/** What a person can mend is said in a sentence; everything else with its stack. */
function fail(error: unknown): void {
  const plain = [SettingError, StartError, AlreadyOwned, Problem].some((kind) => error instanceof kind);
  console.error(plain ? `flowhook: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
