// Limits of a child's process that the system keeps, by prlimit of util-linux: files, processes, no core.
import { access, readFile } from 'node:fs/promises';
import type { Program } from './program.ts';

const prlimit = '/usr/bin/prlimit';
/** The engine holds a file for each thread and part that it writes; inputs are at most 300. */
const maxFiles = 4096;
/** Threads count, those of all children of one user together. */
const maxProcesses = 2048;

/** Returns the command that runs a program within the limits; the program itself where prlimit is missing. */
export async function createProcessLimit(): Promise<(program: Program, isAlone: boolean) => Program> {
  const isThere = await access(prlimit).then(
    () => true,
    () => false,
  );
  if (!isThere) return (program) => program;
  const hard = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const files = atMost(hard, 'Max open files', maxFiles);
  const processes = atMost(hard, 'Max processes', maxProcesses);
  return ({ file, args }, isAlone) => ({
    file: prlimit,
    // Outside of a namespace of its own the server's other processes would count, too.
    args: [
      '--core=0',
      `--nofile=${files}`,
      ...(isAlone ? [`--nproc=${processes}`] : []),
      '--',
      file,
      ...args,
    ],
  });
}

/** A limit can only be lowered by whoever is not root. */
function atMost(limits: string, name: string, max: number): number {
  const hard = new RegExp(String.raw`^${name}\s+\S+\s+(\d+)`, 'mu').exec(limits)?.[1];
  return Math.min(max, hard === undefined ? max : Number(hard));
}
