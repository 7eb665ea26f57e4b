// The engines that the conformance suite knows, each made on a folder of its own.
import { join } from 'node:path';
import { createDuckDbEngine, type DuckDbEngine } from '../src/engine/duckdb/duckdb-engine.ts';
import type { Engine } from '../src/engine/engine.ts';
import { createDurableEngine } from './durable-engine.ts';

const makeDuckDb = (folder: string): DuckDbEngine =>
  createDuckDbEngine({ scratchFolder: join(folder, 'scratch') });
const makeDurable = (folder: string): Engine => createDurableEngine({ stateFolder: join(folder, 'state') });

/** By the name that a process of its own finds them under. */
export const makers = { makeDuckDb, makeDurable };
export type Maker = keyof typeof makers;
