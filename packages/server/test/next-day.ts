// One change between the file of one day and that of the next, made at random, and what has to be said of it where it is told.
import * as fc from 'fast-check';
import { foldName } from '@flowhook/contract/flow/name';
import {
  form,
  kinds,
  names,
  rowsOf,
  type Form,
  type Kind,
  type RandomColumn,
  type Table,
} from './random-table.ts';

export interface NextDay {
  /** What changed, in words. */
  readonly change: string;
  readonly table: Table;
  readonly form: Form;
  /** The file as it is, where it is not the table in its form. */
  readonly bytes?: (whole: Uint8Array) => Uint8Array;
  /** Words of which a complaint or warning says one each. */
  readonly names: readonly string[];
  /** The result has to be right, whatever else is said. */
  readonly isHarmless: boolean;
}

type Change = (today: Table, how: Form) => fc.Arbitrary<NextDay> | null;

const sameRows: Change = (today, how) =>
  rowsOf(today.columns, 1, 12).map((rows) => ({
    change: 'other rows',
    table: { ...today, rows },
    form: how,
    names: [],
    isHarmless: true,
  }));

/** The same rows with the columns at these places, in this order. */
const pick = ({ columns, rows }: Table, places: readonly number[]): Table => ({
  columns: places.map((at) => columns[at]!),
  rows: rows.map((row) => places.map((at) => row[at] ?? null)),
});

const placesOf = ({ columns }: Table): number[] => columns.map((_, at) => at);

const reordered: Change = (today, how) =>
  fc.shuffledSubarray(placesOf(today), { minLength: today.columns.length }).map((places) => ({
    change: 'order of columns',
    table: pick(today, places),
    form: how,
    names: [],
    isHarmless: true,
  }));

const missing: Change = (today, how) =>
  today.columns.length < 2
    ? null
    : fc.nat(today.columns.length - 1).map((gone) => ({
        change: 'a column is missing',
        table: pick(
          today,
          placesOf(today).filter((at) => at !== gone),
        ),
        form: how,
        names: [today.columns[gone]!.name],
        isHarmless: false,
      }));

const isFree = ({ columns }: Table, name: string): boolean =>
  columns.every((each) => foldName(each.name) !== foldName(name));

const renamed: Change = (today, how) =>
  fc
    .tuple(fc.nat(today.columns.length - 1), names(1, 1))
    .filter(([, [name]]) => isFree(today, name!))
    .map(([at, [name]]) => ({
      change: 'a column has another name',
      table: { ...today, columns: today.columns.with(at, { ...today.columns[at]!, name: name! }) },
      form: how,
      names: [today.columns[at]!.name],
      isHarmless: false,
    }));

const added: Change = (today, how) =>
  fc
    .tuple(fc.nat(today.columns.length), names(1, 1), fc.constantFrom(...kinds))
    .filter(([, [name]]) => isFree(today, name!))
    .chain(([at, [name], kind]) => {
      const columns = today.columns.toSpliced(at, 0, { name: name!, kind });
      return rowsOf(columns, 1, 12).map((rows) => ({
        change: 'a new column',
        table: { columns, rows },
        form: how,
        // A file with one column tells no delimiter.
        names: how.format === 'csv' && today.columns.length === 1 ? [] : [name!],
        isHarmless: how.format !== 'csv' || today.columns.length > 1,
      }));
    });

const otherKind = (column: RandomColumn) =>
  fc.constantFrom(...kinds.filter((kind: Kind) => kind !== column.kind)).map((kind) => ({ ...column, kind }));

const retyped: Change = (today, how) =>
  fc
    .nat(today.columns.length - 1)
    .chain((at) => otherKind(today.columns[at]!).map((column) => [at, column] as const))
    .chain(([at, column]) => {
      const columns = today.columns.with(at, column);
      return rowsOf(columns, 1, 12).map((rows) => ({
        change: 'a column of another type',
        table: { columns, rows },
        form: how,
        names: [column.name],
        isHarmless: false,
      }));
    });

const oddValue: Change = (today, how) =>
  fc
    .nat(today.columns.length - 1)
    .chain((at) => otherKind(today.columns[at]!).map((column) => [at, column] as const))
    .chain(([at, column]) =>
      fc.tuple(rowsOf([column], 1, 1), fc.nat(today.rows.length - 1)).map(([[[value = null] = []], row]) => ({
        change: 'one value of another type',
        table: { ...today, rows: today.rows.with(row, today.rows[row]!.with(at, value)) },
        form: how,
        names: [column.name],
        isHarmless: false,
      })),
    );

const ragged: Change = (today, how) =>
  how.format !== 'csv' || today.columns.length < 2
    ? null
    : fc.tuple(fc.nat(today.rows.length - 1), fc.boolean()).map(([at, isLonger]) => {
        const row = today.rows[at]!;
        // A line without any value is no row.
        const other = isLonger ? [...row, 'more'] : [row[0] ?? '1', ...row.slice(1, -1)];
        return {
          change: isLonger ? 'a longer row' : 'a shorter row',
          table: { ...today, rows: today.rows.with(at, other) },
          form: how,
          names: [],
          isHarmless: false,
        };
      });

const otherForm: Change = (today) =>
  form.map((other) => ({
    change: `written as ${JSON.stringify(other)}`,
    table: today,
    form: other,
    names: [],
    isHarmless: false,
  }));

const otherWriting: Change = (today, how) =>
  fc.record({ lineEnd: fc.constantFrom('\n', '\r\n'), quotes: fc.boolean() }).map((other) => ({
    change: 'other line ends or quotes',
    table: today,
    form: { ...how, ...other },
    names: [],
    isHarmless: true,
  }));

const withoutHeader: Change = (today, how) =>
  how.format !== 'csv'
    ? null
    : fc.constant({
        change: 'the header is gone',
        table: today,
        form: { ...how, header: false },
        names: [],
        isHarmless: false,
      });

const withoutRows: Change = (today, how) =>
  how.format === 'ndjson'
    ? null
    : fc.constant({
        change: 'a header without rows',
        table: { ...today, rows: [] },
        form: how,
        names: [],
        isHarmless: how.format === 'csv',
      });

const emptied: Change = (today, how) =>
  fc.constant({
    change: 'an empty file',
    table: { ...today, rows: [] },
    form: how,
    bytes: () => new Uint8Array(),
    names: ['empty'],
    isHarmless: false,
  });

const cutOff: Change = (today, how) =>
  fc.double({ min: 0.2, max: 0.95, noNaN: true }).map((share) => ({
    change: 'cut off',
    table: today,
    form: how,
    bytes: (whole) => whole.subarray(0, Math.ceil(whole.length * share)),
    names: [],
    isHarmless: false,
  }));

const changes: readonly Change[] = [
  sameRows,
  reordered,
  missing,
  renamed,
  added,
  retyped,
  oddValue,
  oddValue,
  ragged,
  otherForm,
  otherWriting,
  withoutHeader,
  withoutRows,
  emptied,
  cutOff,
];

export const nextDay = (today: Table, how: Form): fc.Arbitrary<NextDay> =>
  fc
    .constantFrom(...changes)
    .map((change) => change(today, how))
    .filter((made) => made !== null)
    .chain((made) => made);
