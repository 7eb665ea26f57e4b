// Loaded before a test file by `npm test -- --times`: notes at its end what it cost, its child processes with it.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Stat {
  readonly parent: number;
  readonly ownSeconds: number;
  /** Of the children that it has waited for, and of theirs. */
  readonly endedSeconds: number;
}

const folder = process.env['FLOWHOOK_TEST_COSTS'];
const file = process.argv[1] ?? '';
/** What the files of /proc count in; the same on every Linux. */
const ticksPerSecond = 100;
/** What each descendant had used when it was seen last: nobody waits for a browser's own children. */
const seen = new Map<number, number>();

// Children take the flags of their parent over: what they cost is counted there.
if (folder !== undefined && file.endsWith('.test.ts')) {
  setInterval(look, 250).unref();
  process.on('exit', note);
}

function note(): void {
  const cost = { file, cpuSeconds: readCost(), wallSeconds: performance.now() / 1000 };
  writeFileSync(join(folder!, `${process.pid}.json`), JSON.stringify(cost));
}

function readCost(): number {
  const stat = readStat(process.pid);
  if (stat !== undefined) {
    const last = [...seen.values()].reduce((sum, seconds) => sum + seconds, 0);
    return stat.ownSeconds + Math.max(stat.endedSeconds, last);
  }
  // No /proc: this process alone.
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
}

function look(): void {
  const stats = new Map(listProcesses().map((pid) => [pid, readStat(pid)]));
  const belongs = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent;
    return parent === process.pid || (parent !== undefined && belongs(parent));
  };
  for (const [pid, stat] of stats) if (stat !== undefined && belongs(pid)) seen.set(pid, stat.ownSeconds);
}

function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name in brackets: state, parent, ...; utime, stime, cutime and cstime are the fields 14 to 17.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const seconds = (at: number) => (fields[at]! + fields[at + 1]!) / ticksPerSecond;
    return { parent: fields[1]!, ownSeconds: seconds(11), endedSeconds: seconds(13) };
  } catch {
    return undefined;
  }
}
