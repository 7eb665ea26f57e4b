// The flowhook command: one line a subcommand; each parses, calls and prints.
import { Command, type Command as Program } from 'commander';
import { AlreadyOwned } from '../db/owner-lock.ts';
import { SettingError } from '../base/setting-kind.ts';
import { version } from '../base/version.ts';
import { addAudit } from './audit.ts';
import { addServe } from './serve.ts';

export async function runProgram(argv: readonly string[]): Promise<void> {
  const program: Program = new Command('flowhook')
    .description('Data flows that call back, for sure.')
    .version(version);
  addServe(program);
  addAudit(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // What a person can mend is said in a sentence; everything else with its stack.
    const isPlain = error instanceof SettingError || error instanceof AlreadyOwned;
    console.error(isPlain ? `flowhook: ${error.message}` : error);
    process.exitCode = 1;
  }
}
