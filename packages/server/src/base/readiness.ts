// Whether this process can do its work: each part registers a check, /readyz asks them all.
import type { WorkLoop } from './work-loop.ts';

/** Returns a few words about what it found; throws what is wrong. */
export type Check = () => Promise<string> | string;

export interface CheckResult {
  readonly ok: boolean;
  readonly detail: string;
}

export interface Readiness {
  add(name: string, check: Check): void;
  /** Says what is wrong, and does not take the process out: another would be no better. */
  addNote(name: string, check: Check): void;
  /** A loop is alive while it has ended a round within `maxMs`, or has not yet had that long. */
  addLoop(name: string, loop: Pick<WorkLoop, 'lastRoundAt'>, maxMs: number): void;
  run(): Promise<{ ready: boolean; checks: Record<string, CheckResult> }>;
}

/** A check that hangs is a failed one. */
const maxMs = 3000;

export function createReadiness(now: () => number): Readiness {
  const checks = new Map<string, Check>();
  const notes = new Set<string>();
  const beganAt = now();
  return {
    add: (name, check) => void checks.set(name, check),
    addNote(name, check) {
      checks.set(name, check);
      notes.add(name);
    },
    addLoop(name, loop, max) {
      checks.set(name, () => {
        const age = now() - (loop.lastRoundAt() ?? beganAt);
        if (age > max) throw new Error(`has not ended a round for ${Math.round(age / 1000)} s`);
        return 'works';
      });
    },
    async run() {
      const names = [...checks.keys()];
      const results = await Promise.all(names.map((name) => runCheck(checks.get(name)!)));
      const ready = results.every(({ ok }, index) => ok || notes.has(names[index]!));
      return { ready, checks: Object.fromEntries(names.map((name, index) => [name, results[index]!])) };
    },
  };
}

async function runCheck(check: Check): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${maxMs} ms`)), maxMs);
  });
  try {
    return { ok: true, detail: await Promise.race([Promise.resolve().then(check), late]) };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
