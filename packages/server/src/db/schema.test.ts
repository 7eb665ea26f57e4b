// The tables as TypeScript sees them are those that the migrations make, column by column, on both databases.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { datasetCompressions, datasetFormats, datasetOrigins } from '@flowhook/contract/flow/dataset-source';
import { writeFormats } from '@flowhook/contract/flow/write-setting';
import { recordedKindNames } from '@flowhook/contract/webhook/event-kind';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import type { Database } from './database.ts';

/** What the contract lists, by the name of its type. */
const lists: Readonly<Record<string, readonly string[]>> = {
  DatasetCompression: datasetCompressions,
  DatasetFormat: datasetFormats,
  DatasetOrigin: datasetOrigins,
  RecordedKind: recordedKindNames,
  WriteFormat: writeFormats,
};

interface ColumnLook {
  readonly nullable: boolean;
  readonly kind: 'number' | 'text';
  /** The database gives a value where none is written. */
  readonly filled: boolean;
  /** The texts that it takes, where these are listed. */
  readonly texts: readonly string[] | null;
}
type TableLook = Readonly<Record<string, ColumnLook>>;

describeOnBoth('The schema types', (make, dialect) => {
  let test: TestDatabase;
  let db: Database;
  before(async () => {
    test = await make();
    db = await test.open();
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  it('name every column of the migrated database, each as it is', async () => {
    const types = readTypes();
    const tables = await readTables();
    assert.deepEqual([...types.keys()].toSorted(), [...tables.keys()].toSorted(), 'Tables of db/schema.ts.');
    const faults = [...types].flatMap(([table, columns]) => compare(table, columns, tables.get(table)!));
    assert.deepEqual(faults, []);
  });

  interface Check {
    readonly table: string;
    readonly text: string;
  }

  /** The texts that CHECKs list, by `table.column`. */
  async function readChecks(): Promise<Map<string, readonly string[]>> {
    const [text, pattern] =
      dialect === 'sqlite'
        ? [
            `select name as "table", sql as text from sqlite_schema where type = 'table'`,
            /check \((\w+) in \(([^)]*)\)\)/giu,
          ]
        : [
            `select conrelid::regclass::text as "table", pg_get_constraintdef(oid) as text
             from pg_constraint where contype = 'c' and connamespace = current_schema()::regnamespace`,
            /^CHECK \(\((\w+) = ANY \(ARRAY\[([^\]]*)\]\)\)\)/gu,
          ];
    const { rows } = await sql<Check>`${sql.raw(text)}`.execute(db.read);
    const found = rows.flatMap((row) =>
      [...row.text.matchAll(pattern)].map(
        ([, column, texts]) => [`${row.table}.${column}`, listTexts(texts!)] as const,
      ),
    );
    return new Map(found);
  }

  interface Row {
    readonly table: string;
    readonly column: string;
    readonly type: string;
    readonly nullable: boolean | number;
    readonly filled: boolean | number;
  }

  async function readTables(): Promise<Map<string, TableLook>> {
    const text =
      dialect === 'sqlite'
        ? `select t.name as "table", c.name as "column", c.type, c."notnull" = 0 and c.pk = 0 as nullable,
             c.dflt_value is not null or (c.pk = 1 and lower(c.type) = 'integer') as filled
           from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'`
        : `select table_name as "table", column_name as "column", data_type as type, is_nullable = 'YES' as nullable,
             column_default is not null or is_identity = 'YES' as filled
           from information_schema.columns where table_schema = current_schema()`;
    const checks = await readChecks();
    assert.ok(checks.size > 20, 'CHECKs are read.');
    const { rows } = await sql<Row>`${sql.raw(text)}`.execute(db.read);
    const own = rows.filter(({ table }) => table !== 'schema_migrations');
    return new Map(
      [...Map.groupBy(own, ({ table }) => table)].map(([table, columns]) => [
        table,
        Object.fromEntries(
          columns.map((row) => [row.column, toLook(row, checks.get(`${table}.${row.column}`))]),
        ),
      ]),
    );
  }

  function toLook({ type, nullable, filled }: Row, texts: readonly string[] = []): ColumnLook {
    const kind = /int|real|double|numeric/iu.test(type) ? 'number' : 'text';
    const listed = texts.length === 0 ? null : texts;
    return { nullable: Boolean(nullable), filled: Boolean(filled), kind, texts: listed };
  }
});

function compare(table: string, types: TableLook, columns: TableLook): string[] {
  const names = [...new Set([...Object.keys(types), ...Object.keys(columns)])];
  return names.flatMap((name) => {
    const [type, column] = [types[name], columns[name]];
    const at = `${table}.${name}`;
    if (type === undefined) return [`${at} is in the database, and not in the schema types.`];
    if (column === undefined) return [`${at} is in the schema types, and no migration makes it.`];
    const say = (is: boolean) => (is ? 'may be null' : 'is never null');
    return [
      ...(type.nullable === column.nullable
        ? []
        : [`${at} ${say(column.nullable)} in the database, and ${say(type.nullable)} in the schema types.`]),
      ...(type.kind === column.kind
        ? []
        : [`${at} is a ${column.kind} in the database, not a ${type.kind}.`]),
      ...compareTexts(at, type.texts, column.texts),
      ...(type.filled && !column.filled
        ? [`${at} is Generated, and the database has no default for it.`]
        : []),
    ];
  });
}

function compareTexts(at: string, types: ColumnLook['texts'], column: ColumnLook['texts']): string[] {
  if (types === null || column === null) return [];
  const missing = types.filter((text) => !column.includes(text));
  const beyond = column.filter((text) => !types.includes(text));
  return [
    ...missing.map((text) => `${at} takes no '${text}': a migration makes its CHECK anew.`),
    ...beyond.map((text) => `${at} takes '${text}', which the schema types don't know.`),
  ];
}

function listTexts(text: string): string[] {
  return [...text.matchAll(/'([^']*)'/gu)].map(([, inner]) => inner!);
}

/** Tables by their names in the database, out of the sources: types are gone when they run. */
function readTypes(): Map<string, TableLook> {
  const files = readdirSync(import.meta.dirname).filter((name) => /^schema(?:-\w+)?\.ts$/u.test(name));
  const sources = files.map((name) => {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    return text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/gu, '');
  });
  const interfaces = new Map(
    sources
      .flatMap((text) => [...text.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gmsu)])
      .map(([, name, body]) => [name!, readMembers(body!)]),
  );
  const tables = Object.entries(interfaces.get('Schema')!);
  return new Map(
    tables.map(([table, type]) => {
      const columns = Object.entries(interfaces.get(type) ?? {});
      assert.ok(columns.length > 0, `${table} has the type ${type}, which is not found.`);
      return [table, Object.fromEntries(columns.map(([name, text]) => [name, readType(text)]))];
    }),
  );
}

function readMembers(body: string): Readonly<Record<string, string>> {
  const members = body.split(';').flatMap((member) => [...member.matchAll(/(\w+):(.*)/gsu)].slice(0, 1));
  return Object.fromEntries(members.map(([, name, type]) => [name!, type!.trim()]));
}

function readType(text: string): ColumnLook {
  const bare = text.replaceAll(/'[^']*'/gu, '');
  const kind = /\b(?:number|Time|Flag)\b|^\d/u.test(bare) ? 'number' : 'text';
  const literals = listTexts(text);
  const [listed = null] = Object.keys(lists).filter((name) => new RegExp(`\\b${name}\\b`, 'u').test(text));
  const texts = literals.length > 0 ? literals : listed === null ? null : lists[listed]!;
  return { kind, nullable: /\bnull\b/u.test(bare), filled: text.startsWith('Generated<'), texts };
}
