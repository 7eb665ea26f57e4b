// The flowhook command: one line a subcommand; each parses, calls and prints.
import { Command, CommanderError } from 'commander';
import { Problem } from '../base/error.ts';
import { SettingError } from '../base/setting-kind.ts';
import { StartError } from '../base/start-error.ts';
import { version } from '../base/version.ts';
import { addExec } from './exec.ts';

export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command('flowhook')
    .description('Data flows that call back, for sure.')
    .version(version)
    .exitOverride();
  // Every wrapped command waits for this: what only the server needs is not loaded for it.
  if (argv[2] !== 'exec') await addServerCommands(program);
  addExec(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else fail(error);
  }
}

async function addServerCommands(program: Command): Promise<void> {
  const [serve, migrate, admin, audit, exported, applied] = await Promise.all([
    import('./serve.ts'),
    import('./migrate.ts'),
    import('./admin.ts'),
    import('./audit.ts'),
    import('./export.ts'),
    import('./apply.ts'),
  ]);
  serve.addServe(program);
  migrate.addMigrate(program);
  admin.addAdmin(program);
  audit.addAudit(program);
  exported.addExport(program);
  applied.addApply(program);
}

/** What a person can mend is said in a sentence; everything else with its stack. */
function fail(error: unknown): void {
  const plain = [SettingError, StartError, Problem].some((kind) => error instanceof kind);
  console.error(plain ? `flowhook: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
