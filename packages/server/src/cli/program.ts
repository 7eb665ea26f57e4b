// The flowhook command: one line a subcommand; each parses, calls and prints.
import { Command, CommanderError } from 'commander';
import { Problem } from '../base/error.ts';
import { SettingError } from '../base/setting-kind.ts';
import { StartError } from '../base/start-error.ts';
import { version } from '../base/version.ts';

/** The commands in the order in which help lists them. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./serve.ts')).addServe,
  migrate: async () => (await import('./migrate.ts')).addMigrate,
  admin: async () => (await import('./admin.ts')).addAdmin,
  audit: async () => (await import('./audit.ts')).addAudit,
  export: async () => (await import('./export.ts')).addExport,
  apply: async () => (await import('./apply.ts')).addApply,
  exec: async () => (await import('./exec.ts')).addExec,
};

export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command('flowhook')
    .description('Data flows that call back, for sure.')
    .version(version)
    .exitOverride();
  for (const add of await loadCommands(argv[2])) add(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else fail(error);
  }
}

/** Only what is asked for: loading the server takes a second, and whatever `exec` wraps would wait for it. */
async function loadCommands(asked: string | undefined): Promise<((program: Command) => void)[]> {
  if (asked === '--version' || asked === '-V') return [];
  const load = asked !== undefined && Object.hasOwn(commands, asked) ? commands[asked] : undefined;
  return load === undefined ? Promise.all(Object.values(commands).map((each) => each())) : [await load()];
}

/** What a person can mend is said in a sentence; everything else with its stack. */
function fail(error: unknown): void {
  const plain = [SettingError, StartError, Problem].some((kind) => error instanceof kind);
  console.error(plain ? `flowhook: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
