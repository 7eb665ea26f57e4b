// Bounds that DuckDB does not keep by itself: the whole process's memory, its scratch file, the disk's last room.
import { stat, statfs } from 'node:fs/promises';
import type { Failure } from '../../failure.ts';
import { diskFull, outOfMemory, tempSpaceFull } from './explain-run.ts';

/** `memory_limit` bounds buffers; 300 to 450 MB stood beside them in measured runs. */
export const processOverhead = 512 * 2 ** 20;
/** The server's database may be on the same disk: leave it room. */
const leastFree = 128 * 2 ** 20;
const everyMs = 100;

export interface Guard {
  /** Resolves when a bound is broken; never otherwise. */
  breach: Promise<Failure>;
  stop: () => void;
}

/** Watches this process and its working folder. */
export function startGuard(
  limits: { processBytes: number; tempBytes: number },
  scratchFile: string | null,
): Guard {
  const { promise, resolve, reject } = Promise.withResolvers<Failure>();
  const look = async (): Promise<void> => {
    if (process.memoryUsage.rss() > limits.processBytes) resolve(outOfMemory);
    else if (scratchFile !== null && (await sizeOf(scratchFile)) > limits.tempBytes) resolve(tempSpaceFull);
    else if (scratchFile !== null && (await freeBytes()) < leastFree) resolve(diskFull);
  };
  const timer = setInterval(() => void look().catch(reject), everyMs);
  return { breach: promise, stop: () => clearInterval(timer) };
}

const sizeOf = async (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs('.');
  return bavail * bsize;
}
