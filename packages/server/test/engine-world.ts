// What one run of the conformance suite stands on: an engine, a folder, a small input.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Dataset } from '../src/engine/dataset.ts';
import type { Engine, WritePlan } from '../src/engine/engine.ts';
import { makePlan, type Bench, type PlanOver } from './engine-fixture.ts';
import type { Maker } from './engine-maker.ts';

export interface World {
  bench: Bench;
  engine: Engine;
  orders: Dataset;
  make: (folder: string) => Engine;
  maker: Maker;
  survives: boolean;
  /** A path for an attempt's folder that no other test uses. */
  ownFolder: () => string;
}

/** A plan over the small input, in a folder of its own. */
export const planIn = (world: World, sql: string, over: PlanOver = {}): WritePlan =>
  makePlan(world.bench, sql, [world.orders], { folder: world.ownFolder(), ...over });

/** Whether an attempt left nothing. */
export const isEmpty = async ({ folder }: WritePlan): Promise<boolean> =>
  !existsSync(folder) || (await readdir(folder)).length === 0;
