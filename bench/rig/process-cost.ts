// What a process costs, as the Linux kernel counts it: processor time and resident memory.
import { readFileSync, readdirSync } from 'node:fs';

/** The kernel's clock ticks in /proc are hundredths of a second on every Linux that Node runs on. */
const tickMs = 10;

/** Processor time of a process in milliseconds, user and system; other work on the machine hardly moves it. */
export function readCpuMs(pid: number): number {
  const fields = readFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** The same of a process and all its children, those that have ended among them. */
export function readTreeCpuMs(pid: number): number {
  const fields = readFields(pid);
  const own = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) * tickMs;
  return own + listChildren(pid).reduce((sum, child) => sum + readTreeCpuMs(child), 0);
}

/** Bytes of resident memory. */
export function readRss(pid: number): number {
  return readMemory(pid, 'VmRSS');
}

/** Bytes of the largest resident memory that it ever had. */
export function readPeakRss(pid: number): number {
  return readMemory(pid, 'VmHWM');
}

export function listChildren(pid: number): number[] {
  return listTasks(pid).flatMap((task) => {
    const found = read(pid, `task/${task}/children`).trim();
    return found === '' ? [] : found.split(' ').map(Number);
  });
}

function listTasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** All below a process: what a wall starts has children of its own. */
export function listTree(pid: number): number[] {
  return listChildren(pid).flatMap((child) => [child, ...listTree(child)]);
}

function readMemory(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'mu').exec(read(pid, 'status'));
  return Number(found?.[1] ?? 0) * 1024;
}

/** The fields of /proc/PID/stat from the state on; the name before it may hold spaces and brackets. */
function readFields(pid: number): string[] {
  const text = read(pid, 'stat');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Empty where the process has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
