// The rows of datasets, and who may read which.
import type { DatasetOrigin } from '@flowhook/contract/flow/dataset-source';
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';
import type { Column, Compression, FileOptions, Format } from '../../engine/dataset.ts';
import type { Assumption } from '../../engine/engine.ts';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';
import { writeAudit, writeDifference } from '../../workspace/audit-log.ts';
import { selectOne, stampColumns, type Selection, type StampedRow } from '../flow-store.ts';
import { mayRead } from './dataset-leave.ts';
import { nameStoredFile } from './location.ts';
import type { PathPattern } from './path-pattern.ts';

/** What a caller says about a file; the rest is found. */
export interface GivenReading {
  readonly format?: Format | undefined;
  readonly compression?: Compression | undefined;
  readonly options: FileOptions;
}

/** How the files are read: what was given, and all of it as it was found with that. */
export interface Reading {
  readonly given: GivenReading;
  readonly format: Format;
  readonly compression: Compression;
  readonly options: FileOptions;
  readonly columns: readonly Column[];
  /** What was not certain about it. */
  readonly assumptions: readonly Assumption[];
  /** Marks of files that keep the columns to their end. */
  readonly checked?: readonly string[];
}

export interface DatasetRow extends StampedRow {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly owner_id: number;
  readonly origin: DatasetOrigin;
  readonly uri: string;
  readonly reading: Reading;
  readonly size_bytes: number | null;
  readonly file_version: number;
  /** Where the address is a pattern of several files. */
  readonly pattern: PathPattern | null;
}

type RawRow = Omit<DatasetRow, 'reading' | 'pattern'> & {
  readonly pattern: string | null;
  readonly format: Format;
  readonly compression: Compression;
  readonly options: string;
  readonly columns: string;
};

interface StoredOptions {
  readonly given: GivenReading;
  readonly found: FileOptions;
  /** Missing where it was stored by an earlier version. */
  readonly assumptions?: readonly Assumption[];
  readonly checked?: readonly string[];
}

const from = sql.raw('from datasets d left join people p on p.id = d.creator_id');

export async function readDatasets(db: Read, { where, orderBy, page }: Selection): Promise<DatasetRow[]> {
  const { rows } = await sql<RawRow>`
    select d.id, d.name, d.description, d.owner_id, d.origin, d.uri, d.format, d.compression, d.options, d.columns,
      d.size_bytes, d.file_version, d.pattern, ${stampColumns('d')}
    ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows.map(toDataset);
}

function toDataset({ format, compression, options, columns, pattern: text, ...row }: RawRow): DatasetRow {
  const { given, found, assumptions = [], checked = [] } = JSON.parse(options) as StoredOptions;
  const parsed = JSON.parse(columns) as Column[];
  const pattern = text === null ? null : (JSON.parse(text) as PathPattern);
  const reading = { given, format, compression, options: found, columns: parsed, assumptions, checked };
  return { ...row, pattern, reading };
}

export async function countDatasets(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

/** True for the datasets `d` that the caller owns, or that a flow reads which the caller may see. */
export function visibleDatasets(caller: Caller): RawBuilder<boolean> {
  const used = sql<boolean>`d.id in (
    select n.dataset_id from flow_nodes n join flows f on f.id = n.flow_id
    where n.dataset_id is not null and n.deleted_at is null and f.deleted_at is null
      and ${visibleFlows(caller, 'n.flow_id')} and ${mayRead})`;
  if (caller.flowIds !== null) return used;
  if (caller.role === 'administrator') return sql<boolean>`1 = 1`;
  return sql<boolean>`(d.owner_id = ${caller.personId} or ${used})`;
}

function toColumns({ given, format, compression, options, columns, assumptions, checked = [] }: Reading) {
  const stored: StoredOptions = { given, found: options, assumptions, checked };
  return { format, compression, options: JSON.stringify(stored), columns: JSON.stringify(columns) };
}

export interface NewDataset {
  readonly name: string;
  readonly description: string | null;
  readonly origin: DatasetOrigin;
  readonly uri: string;
  /** Null for one that waits for its file. */
  readonly bytes: number | null;
  readonly reading: Reading;
  readonly pattern?: PathPattern;
}

export async function insertDataset(
  tx: Tx,
  personId: number,
  { name, description, origin, uri, bytes, reading, pattern }: NewDataset,
): Promise<number> {
  const now = tx.now;
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  const values = { name, description, origin, uri, size_bytes: bytes, ...toColumns(reading) };
  const stored = pattern === undefined ? {} : { pattern: JSON.stringify(pattern) };
  const { id } = await tx
    .insertInto('datasets')
    .values({ ...values, ...stored, owner_id: personId, ...stamp })
    .returning('id')
    .executeTakeFirstOrThrow();
  const after = await readShown(tx, id);
  await writeAudit(tx, { personId, action: 'create', objectKind, objectId: id, after });
  return id;
}

const objectKind = 'dataset';

/** What the audit log tells of a dataset; each upload raises the version of its file. */
async function readShown(tx: Tx, id: number) {
  const row = (await readDatasets(tx, selectOne('d.id', id)))[0]!;
  const { name, description, origin, uri, size_bytes: bytes, file_version: fileVersion, reading } = row;
  const { format, compression, options } = reading;
  const address = origin === 'upload' ? nameStoredFile(uri) : uri;
  return { name, description, origin, address, bytes, fileVersion, format, compression, ...options };
}

export interface DatasetChange {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly reading?: Reading | undefined;
  /** A new file: its version is one higher. */
  readonly file?: { readonly uri: string; readonly bytes: number } | undefined;
}

export async function updateDataset(
  tx: Tx,
  personId: number,
  id: number,
  { name, description, reading, file }: DatasetChange,
): Promise<void> {
  const before = await readShown(tx, id);
  await tx
    .updateTable('datasets')
    .set((eb) => ({
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(reading !== undefined && toColumns(reading)),
      ...(file !== undefined && {
        origin: 'upload' as const,
        uri: file.uri,
        pattern: null,
        size_bytes: file.bytes,
        file_version: eb('file_version', '+', 1),
      }),
      updater_id: personId,
      updated_at: tx.now,
    }))
    .where('id', '=', id)
    .execute();
  const entry = { personId, action: 'change', objectKind, objectId: id } as const;
  const about = { name: before.name };
  await writeDifference(tx, { ...entry, about, before, after: await readShown(tx, id) });
}

/** Until the transaction ends nobody else changes it. */
export async function lockDataset(tx: Tx, id: number): Promise<void> {
  await sql`select id from datasets where id = ${id} ${tx.forUpdate}`.execute(tx);
}

/** Marks the dataset, and its places in flows, where nothing reads it. */
export async function markDatasetDeleted(tx: Tx, personId: number, id: number): Promise<void> {
  const now = tx.now;
  const before = await readShown(tx, id);
  await writeAudit(tx, { personId, action: 'remove', objectKind, objectId: id, before });
  await tx
    .updateTable('datasets')
    .set({ deleted_at: now, updated_at: now, updater_id: personId })
    .where('id', '=', id)
    .execute();
  await tx
    .updateTable('flow_nodes')
    .set({ deleted_at: now })
    .where('dataset_id', '=', id)
    .where('deleted_at', 'is', null)
    .execute();
}

/** The flows that hold the dataset, and how many of their recipes read it. */
export async function readUses(
  db: Read,
  datasetId: number,
): Promise<{ flowId: number; flowName: string; nodeId: number; readers: number }[]> {
  const { rows } = await sql<{ flowId: number; flowName: string; nodeId: number; readers: number }>`
    select f.id as "flowId", f.name as "flowName", n.id as "nodeId", (
      select count(*) from recipe_inputs i join recipes r on r.id = i.recipe_id
      where i.input_id = n.id and r.deleted_at is null) as readers
    from flow_nodes n join flows f on f.id = n.flow_id
    where n.dataset_id = ${datasetId} and n.deleted_at is null and f.deleted_at is null
    order by f.id`.execute(db);
  return rows;
}
