// A state machine as a test draws it, and what real statements did with real rows, held against it cell by cell.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';

/** The next state by state and event; null where nothing may change. */
export type Grid = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/**
 * Reads a drawing: the first line names the events, each other a state and what each event makes of it; `.` where it is
 * refused.
 */
export function readGrid(drawing: string): Grid {
  const [events = [], ...lines] = drawing
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u));
  return Object.fromEntries(
    lines.map(([state, ...cells]) => [
      state!,
      Object.fromEntries(events.map((event, index) => [event, cells[index] === '.' ? null : cells[index]!])),
    ]),
  );
}

/** Real statements behind the names of a grid. */
export interface Machine<Thing> {
  /** The states in which a thing can begin. */
  readonly births: readonly string[];
  make(birth: string): Promise<Thing>;
  /** Tries the event, by the rights of whoever may do it. */
  apply(thing: Thing, event: string): Promise<void>;
  /** `row` is what no refused event may change. */
  look(thing: Thing): Promise<{ readonly state: string; readonly row: unknown }>;
}

/** What one event did. */
export interface Step {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly touched: boolean;
}

/** Makes a thing and lets the events happen to it, one after the other. */
async function walk<Thing>(
  machine: Machine<Thing>,
  birth: string,
  events: readonly string[],
): Promise<Step[]> {
  const thing = await machine.make(birth);
  let before = await machine.look(thing);
  assert.equal(before.state, birth, 'a thing begins as it was made');
  const steps: Step[] = [];
  for (const event of events) {
    await machine.apply(thing, event);
    const after = await machine.look(thing);
    const touched = JSON.stringify(after.row) !== JSON.stringify(before.row);
    steps.push({ from: before.state, event, to: after.state, touched });
    before = after;
  }
  return steps;
}

/** Where the steps and the grid say otherwise, in words; empty where they agree. */
function findDifferences(grid: Grid, steps: readonly Step[]): string[] {
  return steps.flatMap(({ from, event, to, touched }) => {
    const cell = grid[from]![event]!;
    if (to === (cell ?? from) && touched === (cell !== null)) return [];
    const did = touched ? `made it ${to}` : 'changed nothing';
    return [`${event} of ${from}: ${did}, where the grid has ${cell ?? 'a refusal'}`];
  });
}

/** A walk to each cell, by the shortest way that the grid has. */
function planVisits(grid: Grid, births: readonly string[]): { birth: string; events: string[] }[] {
  const ways = new Map(births.map((birth) => [birth, { birth, events: [] as string[] }]));
  for (const [state, way] of ways)
    for (const [event, next] of Object.entries(grid[state]!))
      if (next !== null && !ways.has(next)) ways.set(next, { ...way, events: [...way.events, event] });
  const unreached = Object.keys(grid).filter((state) => !ways.has(state));
  assert.deepEqual(unreached, [], 'each state can be reached');
  return Object.entries(grid).flatMap(([state, row]) =>
    Object.keys(row).map((event) => {
      const { birth, events } = ways.get(state)!;
      return { birth, events: [...events, event] };
    }),
  );
}

/** Every grid that differs from this one in a single cell. */
function* flipCells(grid: Grid): Generator<{ readonly cell: string; readonly flipped: Grid }> {
  for (const [state, row] of Object.entries(grid))
    for (const [event, next] of Object.entries(row))
      for (const other of [...Object.keys(grid), null])
        if (other !== next)
          yield {
            cell: `${event} of ${state} as ${other ?? 'a refusal'}`,
            flipped: { ...grid, [state]: { ...row, [event]: other } },
          };
}

/** Visits each cell on the real rows; no other grid agrees with what was seen there. */
export async function proveEachCell<Thing>(machine: Machine<Thing>, grid: Grid): Promise<void> {
  const steps: Step[] = [];
  for (const { birth, events } of planVisits(grid, machine.births))
    steps.push(...(await walk(machine, birth, events)));
  assert.deepEqual(findDifferences(grid, steps), []);
  const unseen = [...flipCells(grid)].filter(({ flipped }) => findDifferences(flipped, steps).length === 0);
  assert.deepEqual(
    unseen.map(({ cell }) => cell),
    [],
    'a change of any cell is noticed',
  );
}

/** Random lives go as the grid says. */
export async function proveLives<Thing>(machine: Machine<Thing>, grid: Grid, numRuns: number): Promise<void> {
  const [events] = Object.values(grid).map((row) => Object.keys(row));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...machine.births),
      fc.array(fc.constantFrom(...events!), { maxLength: 15 }),
      async (birth, life) => assert.deepEqual(findDifferences(grid, await walk(machine, birth, life)), []),
    ),
    { numRuns },
  );
}
