// What a test starts for a process of its own: the program and the engine's child as this run of the tests takes them.
import { fileURLToPath } from 'node:url';

const conditions = process.execArgv.filter((flag) => flag.startsWith('--conditions='));

export const nodeFlags: readonly string[] = [...conditions, '--disable-warning=ExperimentalWarning'];

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** What Node is started with for a command of `flowhook`. */
export function programArgs(args: readonly string[], env: NodeJS.ProcessEnv): string[] {
  // Options for Node may name a hook that rewrites modules as they are loaded: it finds them in the sources alone.
  const isHooked = env['NODE_OPTIONS'] !== undefined;
  return [...nodeFlags, isHooked ? source : fileURLToPath(import.meta.resolve('#program')), ...args];
}
