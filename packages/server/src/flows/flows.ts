// The room of flows, put together: what app.ts makes, starts and stops.
import { mkdir } from 'node:fs/promises';
import { isClockOff, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import type { Engine } from '../engine/engine.ts';
import { createFileSweep } from './datasets/file-sweep.ts';
import type { FlowHooks, FlowRoom } from './flow-room.ts';
import { createLocations } from './datasets/location.ts';

export interface FlowsOptions {
  readonly db: Database;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly hooks: FlowHooks;
  /** True where a job that has not ended reads the folder of this upload. */
  isPlanned(key: string): Promise<boolean>;
  readonly config: {
    readonly dataDir: string;
    readonly dataRoots: readonly string[];
    readonly uploadLimit: number;
  };
}

export interface Flows {
  /** What the functions of this room take. */
  readonly room: FlowRoom;
  /** Makes the folder of uploads and begins to sweep it. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const sweepMs = 60_000;
const graceMs = 5 * 60_000;
const staleMs = 24 * 3600_000;

export function createFlows(options: FlowsOptions): Flows {
  const { db, engine, clock, log, hooks, config, isPlanned } = options;
  const locations = createLocations(config);
  const { uploadsDir } = locations;
  const sweep = createFileSweep({ db, uploadsDir, isPlanned, now: clock.now, graceMs, staleMs });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const look = async () => {
    // A file's age is the machine's clock's.
    if (isClockOff()) return;
    const removed = await sweep.run();
    if (removed.length > 0) log.info({ removed }, 'unused uploads removed');
  };
  const next = () => {
    running = look().catch((error: unknown) => log.error({ err: error }, 'uploads could not be swept'));
  };
  return {
    room: { db, engine, clock, log, hooks, locations, uploadLimit: config.uploadLimit },
    async start() {
      await mkdir(uploadsDir, { recursive: true, mode: 0o700 });
      next();
      timer = setInterval(next, sweepMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
