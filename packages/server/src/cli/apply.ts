// flowhook apply: makes the flows of a server what files say; a client of the public API.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readEnvironment } from '../base/config.ts';
import { applyFolder } from './as-code/apply-folder.ts';
import { addClientFlags, connectClient, runClient, type ClientFlags } from './as-code/connection.ts';
import { colorPaint, plainPaint } from './as-code/print-plan.ts';

interface ApplyOptions extends ClientFlags {
  readonly dryRun?: true;
  readonly prune?: true;
  readonly sendSecrets?: true;
}

export function addApply(program: Command): void {
  const command = program
    .command('apply')
    .description('Make flows what the files of a folder say. Differences are shown before anything is done.')
    .argument('<dir>', 'A folder as flowhook export writes it.')
    .option('--dry-run', 'Show the differences alone. Ends with 0 for none, 2 for some, 1 for a problem.')
    .option('--prune', 'Delete what is in these flows and not in the files; without it nothing is deleted.')
    .option('--send-secrets', 'Send secrets of environment variables again where the server has one.');
  addClientFlags(command).action((dir: string, options: ApplyOptions) =>
    runClient('apply', async (say) => {
      const caller = connectClient(options);
      const env = readEnvironment();
      const colors = process.stdout.isTTY && !env['NO_COLOR'];
      return applyFolder(caller, {
        root: resolve(dir),
        dryRun: options.dryRun === true,
        choices: { env, prune: options.prune === true, sendSecrets: options.sendSecrets === true },
        paint: colors ? colorPaint : plainPaint,
        say,
      });
    }),
  );
}
