// What becomes of each dataset of a document: it is in the flow, is taken as it is, is changed, or is made of its file.
import { sql } from 'kysely';
import type { DocumentDataset } from '@flowhook/contract/flow/flow-document';
import { foldName } from '@flowhook/contract/flow/name';
import { invalidField } from '../../base/error.ts';
import { requireDataset } from '../../flows/datasets/dataset-access.ts';
import { findDataset } from '../../flows/datasets/dataset-address.ts';
import { inspectFile } from '../../flows/datasets/dataset-reading.ts';
import {
  readDatasets,
  visibleDatasets,
  type DatasetChange,
  type DatasetRow,
  type NewDataset,
} from '../../flows/datasets/dataset-store.ts';
import { readOutside } from '../../flows/default-value.ts';
import { requireUnbound } from '../../flows/flow.ts';
import type { FlowRoom } from '../../flows/flow-room.ts';
import { findFiles } from '../../flows/recipes/query.ts';
import type { Caller } from '../../people/caller.ts';
import { writeStable } from './document-plan.ts';
import { inPart } from './part-problem.ts';
import { showDataset, type StoredDocument } from './read-document.ts';

export type DatasetAct =
  | { readonly kind: 'keep' | 'attach' }
  | { readonly kind: 'make'; readonly dataset: NewDataset }
  | { readonly kind: 'change'; readonly change: DatasetChange };

export interface PreparedDataset {
  /** The node in the flow; negative where there is none yet. */
  readonly nodeId: number;
  /** As it will be; without an id of its own where it is made. */
  readonly row: DatasetRow;
  readonly act: DatasetAct;
}

export async function prepareDatasets(
  room: FlowRoom,
  caller: Caller,
  stored: StoredDocument | null,
  wanted: readonly DocumentDataset[],
): Promise<PreparedDataset[]> {
  const nodes = [...(stored?.graph.values() ?? [])].filter(({ kind }) => kind === 'dataset');
  const prepared = [];
  for (const [index, dataset] of wanted.entries()) {
    const node = nodes.find(({ name }) => foldName(name) === foldName(dataset.name));
    const own = node?.dataset ?? null;
    const prepare = () =>
      own === null
        ? bring(room, caller, index, dataset)
        : change(room, caller, { nodeId: node!.id, row: own }, dataset);
    prepared.push(await inPart(['datasets', index], prepare));
  }
  return prepared;
}

/** Takes one that is there already: the same name over the same file, read in the same way. An upload is never made. */
async function bring(
  room: FlowRoom,
  caller: Caller,
  index: number,
  dataset: DocumentDataset,
): Promise<PreparedDataset> {
  const nodeId = -1 - index;
  const where = sql<boolean>`d.name = ${dataset.name} and d.deleted_at is null and ${visibleDatasets(caller)}`;
  const alike = await readDatasets(room.db.read, { where, orderBy: sql`d.id`, page: sql`` });
  if (dataset.uri === null)
    return { nodeId, row: chooseUpload(alike, dataset.name), act: { kind: 'attach' } };
  const same = alike.find((row) => writeStable(showDataset(row)) === writeStable(dataset));
  if (same !== undefined) return { nodeId, row: same, act: { kind: 'attach' } };
  requireUnbound(caller, 'make new datasets');
  const made = await findDataset(room, caller, { ...toSaid(dataset), uri: dataset.uri, name: dataset.name });
  return { nodeId, row: toRow(nodeId, made), act: { kind: 'make', dataset: made } };
}

function chooseUpload(alike: readonly DatasetRow[], name: string): DatasetRow {
  const [found, ...more] = alike.filter(({ origin }) => origin === 'upload');
  const shown = JSON.stringify(name);
  if (found === undefined)
    throw invalidField(
      'uri',
      `There is no uploaded dataset named ${shown}: upload its file first (POST /v4/importedDatasets/upload).`,
    );
  if (more.length === 0) return found;
  throw invalidField('uri', `Several uploaded datasets are named ${shown}: rename all but one.`);
}

function toSaid({ description, pathPattern, format, compression, options }: DocumentDataset) {
  return {
    description,
    pathPattern,
    options,
    ...(format !== null && { format }),
    ...(compression !== null && { compression }),
  };
}

function toRow(id: number, { bytes, pattern, ...rest }: NewDataset): DatasetRow {
  const stamp = { creator_id: null, creator_name: null, creator_email: null, updater_id: null };
  const times = { created_at: 0, updated_at: 0, deleted_at: null };
  return {
    ...rest,
    ...stamp,
    ...times,
    id,
    pattern: pattern ?? null,
    size_bytes: bytes,
    owner_id: 0,
    file_version: 1,
  };
}

type Placed = Pick<PreparedDataset, 'nodeId' | 'row'>;

async function change(
  room: FlowRoom,
  caller: Caller,
  { nodeId, row }: Placed,
  dataset: DocumentDataset,
): Promise<PreparedDataset> {
  const now = showDataset(row);
  if (writeStable(now) === writeStable(dataset)) return { nodeId, row, act: { kind: 'keep' } };
  await requireDataset(room, caller, row.id, 'change');
  const { name, description } = dataset;
  const isRead = (each: DocumentDataset) => writeStable([each.format, each.compression, each.options]);
  const reading = isRead(now) === isRead(dataset) ? row.reading : await read(room, caller, row, dataset);
  const said = { name, description, ...(reading !== row.reading && { reading }) };
  return { nodeId, row: { ...row, name, description, reading }, act: { kind: 'change', change: said } };
}

/** What was said before is forgotten: the document says all of it. */
async function read(room: FlowRoom, caller: Caller, row: DatasetRow, dataset: DocumentDataset) {
  const files = await findFiles(room.locations, row, await readOutside(room));
  return inspectFile(room, files, {
    now: toSaid(dataset),
    asker: caller.personId,
    field: 'options',
    name: row.name,
  });
}
