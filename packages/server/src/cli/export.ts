// flowhook export: flows of a server as files for git; a client of the public API.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addClientFlags, connectClient, runClient, type ClientFlags } from './as-code/connection.ts';
import { exportFlows } from './as-code/export-flows.ts';

interface ExportOptions extends ClientFlags {
  readonly flow?: readonly string[];
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('Write flows as YAML and SQL files, one folder a flow, without any secret.')
    .argument('<dir>', 'The folder; it is made where it is not there.')
    .option('--flow <flow...>', 'The flows, by id or name; all that the token may change unless given.');
  addClientFlags(command).action((dir: string, options: ExportOptions) =>
    runClient('export', async (say) =>
      exportFlows(connectClient(options), { root: resolve(dir), flows: options.flow ?? null, say }),
    ),
  );
}
