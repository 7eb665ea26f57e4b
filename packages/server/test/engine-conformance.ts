// What every engine must do, as tests: one suite, run on each engine.
import { after, before, describe } from 'node:test';
import { makeBench, makeOrders } from './engine-fixture.ts';
import { makers, type Maker } from './engine-maker.ts';
import { queryRules } from './engine-query-rule.ts';
import { endingRules } from './engine-ending-rule.ts';
import type { World } from './engine-world.ts';
import { writeRules } from './engine-write-rule.ts';

export interface Conformance {
  maker: Maker;
  /** Whether a run goes on when the process that began it is killed. */
  survives: boolean;
}

export function describeEngine(name: string, { maker, survives }: Conformance): void {
  void describe(`engine ${name}`, () => {
    const world = { maker, survives, make: makers[maker] } as World;
    let attempts = 0;
    world.ownFolder = () => `${world.bench.folder}/attempt-${(attempts += 1)}`;

    before(async () => {
      world.bench = await makeBench();
      world.engine = world.make(world.bench.folder);
      world.orders = await makeOrders(world.bench);
    });
    after(async () => {
      await world.engine.close();
      await world.bench.remove();
    });

    queryRules(world);
    writeRules(world);
    endingRules(world);
  });
}
