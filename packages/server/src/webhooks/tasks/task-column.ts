// Pure: the columns of the fields that are the same wherever a webhook task goes: what is kept of each, and how it is read.
import {
  taskFieldNames,
  taskFields,
  type TaskFieldName,
  type TaskFields,
} from '@flowhook/contract/webhook/task-field';

type Snake<Name extends string> = Name extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Rest>}`
  : Name;

interface Kept<Value> {
  text: Value;
  /** 0 or 1. */
  flag: number;
  json: string | Extract<Value, null>;
}

export type FieldColumns = {
  [Name in TaskFieldName as Snake<Name>]: Kept<TaskFields[Name]>[(typeof taskFields)[Name]['kept']];
};

type Cell = string | number | null;

const codecs = {
  text: { write: (value: unknown) => value as Cell, read: (cell: Cell): unknown => cell },
  flag: { write: (value: unknown): Cell => (value === true ? 1 : 0), read: (cell: Cell) => cell === 1 },
  json: {
    write: (value: unknown): Cell => (value === null ? null : JSON.stringify(value)),
    read: (cell: Cell): unknown => (cell === null ? null : JSON.parse(String(cell))),
  },
} as const;

const columns = taskFieldNames.map((name) => ({
  name,
  column: name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`),
  ...codecs[taskFields[name].kept],
}));

export const fieldColumns: readonly string[] = columns.map(({ column }) => column);

export function readFields(row: FieldColumns): TaskFields {
  const cells: Readonly<Record<string, Cell>> = row;
  const fields = columns.map(({ name, column, read }) => [name, read(cells[column] ?? null)]);
  return Object.fromEntries(fields) as TaskFields;
}

export function writeFields(task: TaskFields): FieldColumns {
  const cells = columns.map(({ name, column, write }) => [column, write(task[name])]);
  return Object.fromEntries(cells) as FieldColumns;
}
