// Random tables on two days: what a job gives is right, or it fails or warns and names the change. Never silently wrong.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { byFullness } from '../../../../test/full.ts';
import { nextDay, type NextDay } from '../../../../test/next-day.ts';
import { form, table, writeTable, type Form, type Table, type Value } from '../../../../test/random-table.ts';
import { isRight, isSameMoment, isSameNumber } from '../../../../test/right-value.ts';
import { openDays, type Days, type Run } from '../../../../test/two-days.ts';
import type { Dataset, FileOptions } from '../../dataset.ts';

/** 120 take about 12 s of a core, each time the same ones: what is found by chance is found by the full run. */
const small = { numRuns: 120, seed: 20_261_130 };
const { numRuns = 0, ...more } = byFullness<fc.Parameters<unknown>>({ numRuns: 3_000 }, small);
const endings = { csv: 'csv', ndjson: 'json', parquet: 'parquet' } as const;

const said: fc.Arbitrary<FileOptions> = fc.record({
  onMismatch: fc.constantFrom('fail' as const, 'fail' as const, 'adapt' as const, 'reject' as const),
  raggedRows: fc.constantFrom('fail' as const, 'fail' as const, 'pad' as const, 'skip' as const),
});

void describe('a table at random, and its next file', () => {
  let days: Days;
  before(async () => {
    days = await openDays();
  });
  after(() => days.remove());

  /** The dataset that is found in a file; null where it was refused. */
  async function makeDataset(made: Table, how: Form, options: FileOptions): Promise<Dataset | null> {
    await days.put(await writeTable(made, how), endings[how.format]);
    const found = await days.look(how.format === 'csv' ? options : { onMismatch: options.onMismatch! });
    if (!found.ok) return null;
    const { columns: schema, format, compression, checked } = found;
    const files = [{ uri: 'in/0-0', name: `d.${endings[how.format]}` }];
    return { name: 'd', format, compression, files, schema, checked, options: found.options };
  }

  void it('gives what was written, or says what it did not', { timeout: 3_600_000 }, async () => {
    let refused = 0;
    let changed = 0;
    let told = 0;
    const twoDays = fc
      .tuple(table, form, said)
      .chain(([made, how, options]) =>
        fc.tuple(fc.constant(made), fc.constant(how), fc.constant(options), nextDay(made, how)),
      );
    const property = fc.asyncProperty(twoDays, async ([made, how, options, next]) => {
      const dataset = await makeDataset(made, how, options);
      if (dataset === null) return void (refused += 1);
      if (isOtherwise(made, dataset)) return void (refused += 1);
      judge(
        await days.run(dataset),
        { table: made, form: how, change: 'nothing', names: [], isHarmless: true },
        dataset,
      );
      const whole = await writeTable(next.table, next.form);
      await days.put(next.bytes?.(whole) ?? whole, endings[how.format]);
      const run = await days.run(dataset);
      judge(run, next, dataset);
      changed += 1;
      if (run.failure !== null) told += 1;
    });
    await fc.assert(property, { numRuns, ...more });
    // Else nothing was shown.
    assert.ok(refused < numRuns / 4, `${refused} of ${numRuns} tables were refused`);
    assert.ok(told < changed * 0.7, `${told} of ${changed} changed files failed`);
  });
});

/** What the look took for no table, or for one with other names: it says so in its answer. */
function isOtherwise({ columns }: Table, { schema }: Dataset): boolean {
  return JSON.stringify(columns.map(({ name }) => name)) !== JSON.stringify(schema.map(({ name }) => name));
}

/** Throws where a run is silently wrong, or says something that does not name the change. */
function judge(run: Run, next: NextDay, dataset: Dataset): void {
  const where = `${next.change} in ${JSON.stringify(next.form)}\n${JSON.stringify(next.table)}\n${JSON.stringify(dataset)}`;
  if (run.failure !== null) {
    const { message } = run.failure;
    if (isUnknown(next, dataset) && message.includes('the row has')) return;
    assert.ok(!next.isHarmless || fitsNot(next, dataset), `failed for nothing: ${message}\n${where}`);
    for (const name of next.names)
      assert.ok(message.includes(shown(name)), `does not name ${name}: ${message}\n${where}`);
    return;
  }
  const fault = findFault(run, next, dataset);
  assert.equal(fault, null, `${fault} ${JSON.stringify(run)}\n${where}`);
}

/** Names in messages are in quotes of their own. */
const shown = (name: string): string => name.slice(0, 40);

/** Rows of the same kind may be of other types than those that were found: whole numbers with more digits, texts that were dates. */
function fitsNot({ table: { columns, rows } }: NextDay, { schema }: Dataset): boolean {
  return schema.some(({ name, type }) => {
    const at = columns.findIndex((each) => each.name === name);
    return type !== 'VARCHAR' && rows.some((row) => row[at] != null && !isUsual(row[at], type));
  });
}

/** A file of one column says nothing of its delimiter: a sign that was taken for it may stand in a value of the next one. */
function isUnknown({ table: { columns, rows }, form: how }: NextDay, { schema, options }: Dataset): boolean {
  const { delimiter = '' } = options;
  if (how.format !== 'csv' || schema.length > 1 || delimiter === '' || delimiter === how.delimiter)
    return false;
  return columns.some(({ name }, at) =>
    [name, ...rows.map((row) => row[at])].some((each) => each?.includes(delimiter) === true),
  );
}

const isUsual = (value: string, type: string): boolean =>
  patterns.some(([of, is]) => of.test(type) && is.test(value.trim()));

const patterns: readonly (readonly [RegExp, RegExp])[] = [
  [/^BIGINT$/u, /^-?(0|[1-9]\d{0,17})$/u],
  [/^HUGEINT$/u, /^-?(0|[1-9]\d{0,30})$/u],
  [/^DOUBLE$/u, /^-?(0|[1-9]\d{0,14})(\.\d+)?$/u],
  [/^DECIMAL/u, /^-?(0|[1-9]\d{0,12})(\.\d\d?)?$/u],
  [/^BOOLEAN$/u, /^(true|false)$/u],
  [/^DATE$/u, /^\d{4}-\d\d-\d\d$/u],
  [/^TIMESTAMP$/u, /^\d{4}-\d\d-\d\d[ T][\d:.]+$/u],
  [/^TIMESTAMP WITH TIME ZONE$/u, /^\d{4}-\d\d-\d\d[ T][\d:.]+(Z|[+-]\d\d:\d\d)$/u],
];

type Complete = Extract<Run, { failure: null }>;

/** What is wrong with the rows of a run, or was not told; null where all is well. */
function findFault(run: Complete, next: NextDay, dataset: Dataset): string | null {
  const { columns, rows } = next.table;
  if (
    next.change === 'a new column' &&
    !next.names.every((name) => run.warnings.some((text) => text.includes(shown(name))))
  )
    return 'the new column was not told.';
  const places = dataset.schema.map(({ name }) => columns.findIndex((each) => each.name === name));
  if (places.includes(-1)) return 'a column is gone, and nobody said so.';
  const wanted = rows.map((row) => places.map((at) => row[at] ?? null));
  const isCut = next.change === 'cut off';
  if (run.rows.length + run.rejected !== wanted.length && !isCut)
    return `${run.rows.length} rows and ${run.rejected} rejected ones of ${wanted.length}.`;
  return isCut ? findInOrder(run, wanted.slice(0, run.rows.length), next) : findInOrder(run, wanted, next);
}

/** Each row that came out is one of those that were written, in their order. */
function findInOrder(
  run: Complete,
  wanted: readonly (readonly Value[])[],
  { change, form: { format } }: NextDay,
): string | null {
  const isSame = (cell: Value, read: unknown, type: string): boolean =>
    isRight(cell, read, type) ||
    (format !== 'csv' && isSameNumber(cell, read)) ||
    (format === 'parquet' && isSameMoment(cell, read));
  let from = 0;
  // Where a file was cut, its last row may end anywhere.
  const rows = change === 'cut off' ? run.rows.slice(0, -1) : run.rows;
  for (const row of rows) {
    const found = wanted.findIndex(
      (cells, at) =>
        at >= from &&
        cells.every((cell, place) => isSame(cell, row[run.columns[place]!.name], run.columns[place]!.type)),
    );
    if (found === -1 || (run.rejected === 0 && found !== from))
      return `the row ${JSON.stringify(row)} was never written so.`;
    from = found + 1;
  }
  return null;
}
