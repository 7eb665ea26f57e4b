// Making, changing, replacing and deleting datasets.
import type { Readable } from 'node:stream';
import { Problem, notFound } from '../../base/error.ts';
import type { Tx } from '../../db/database.ts';
import { keepNothing, type Keeping, type Kept } from '../../db/kept-answer.ts';
import type { InputFile } from '../../engine/dataset.ts';
import type { PreviewResult } from '../../engine/engine.ts';
import type { Caller } from '../../people/caller.ts';
import { findFlowRole } from '../../people/flow-access.ts';
import { requireDataset } from './dataset-access.ts';
import { findDataset, type AddressInput, type DatasetInput } from './dataset-address.ts';
import { holdNewFile } from './dataset-promise.ts';
import { inspectFile } from './dataset-reading.ts';
import {
  insertDataset,
  lockDataset,
  markDatasetDeleted,
  readDatasets,
  readUses,
  updateDataset,
  type DatasetChange,
  type DatasetRow,
  type NewDataset,
  type Reading,
} from './dataset-store.ts';
import { readOutside } from '../default-value.ts';
import { requireUnbound } from '../flow.ts';
import { announceFlow, datasetsChanged, type FlowRoom } from '../flow-room.ts';
import { lockFlow, selectOne } from '../flow-store.ts';
import { toDatasetNode } from '../graph-store.ts';
import { Outdated, repeatOutdated } from '../repeated-change.ts';
import { findFiles, previewNode } from '../recipes/query.ts';
import { recheckFlow, type Warning } from '../recipes/recheck.ts';
import { dropFile, keepFile, receiveFile, stripEndings, type ReceivedFile } from './upload.ts';
import { writeUploadUri } from './location.ts';

/** Makes a dataset of a file that lies in an allowed folder, or of the files there that fit a pattern. */
export async function createDatasetFromUri(
  room: FlowRoom & Keeping,
  caller: Caller,
  input: AddressInput,
): Promise<Kept<{ id: number }>> {
  requireUnbound(caller, 'make new datasets');
  return insertOne(room, caller, await findDataset(room, caller, input));
}

/** Makes a dataset of a file that is arriving; `readInput` gives the fields that came with it, once the file is here. */
export async function createDatasetFromUpload(
  room: FlowRoom,
  caller: Caller,
  file: { readonly name: string; readonly stream: Readable },
  readInput: () => Promise<DatasetInput>,
): Promise<{ id: number }> {
  requireUnbound(caller, 'make new datasets');
  return receive(room, file, async (received) => {
    const input = await readInput();
    const at = { uri: received.path, name: received.fileName };
    const { name = stripEndings(received.fileName), description = null } = input;
    const reading = await inspectFile(room, at, { now: input, asker: caller.personId, field: 'file', name });
    await keepFile(room.locations.uploadsDir, received);
    const { key, fileName, bytes } = received;
    const uri = writeUploadUri(key, fileName);
    const dataset = { name, description, origin: 'upload', uri, bytes, reading } as const;
    return insertOne({ ...room, keep: keepNothing }, caller, dataset);
  });
}

/** Receives a file and hands it on; where that fails, nothing of it is left. */
async function receive<Result>(
  { locations, uploadLimit }: FlowRoom,
  file: { readonly name: string; readonly stream: Readable },
  use: (received: ReceivedFile) => Promise<Result>,
): Promise<Result> {
  const received = await receiveFile(locations.uploadsDir, file.name, file.stream, uploadLimit);
  try {
    return await use(received);
  } catch (error) {
    await dropFile(locations.uploadsDir, received);
    throw error;
  }
}

async function insertOne(
  { db, keep }: FlowRoom & Keeping,
  caller: Caller,
  dataset: NewDataset,
): Promise<Kept<{ id: number }>> {
  return db.transaction(async (tx) => {
    const id = await insertDataset(tx, caller.personId, dataset);
    db.announce(tx, { topic: datasetsChanged, flowId: null, ids: [id] });
    return keep(tx, { id });
  });
}

export interface ChangedDataset {
  readonly dataset: DatasetRow;
  /** Recipes that read it and no longer validate, of flows that the caller sees. */
  readonly warnings: readonly Warning[];
  /** What is to be said of its new file. */
  readonly told?: readonly string[];
}

/**
 * Changes name, description, or how the file is read: that is found again with what is given now, beside what somebody
 * else gives meanwhile.
 */
export function changeDataset(
  room: FlowRoom,
  caller: Caller,
  id: number,
  input: DatasetInput,
): Promise<ChangedDataset> {
  return repeatOutdated(() => changeOnce(room, caller, id, input));
}

async function changeOnce(
  room: FlowRoom,
  caller: Caller,
  id: number,
  input: DatasetInput,
): Promise<ChangedDataset> {
  const row = await requireDataset(room, caller, id, 'change');
  const { name, description, format, compression, options } = input;
  const asked = format !== undefined || compression !== undefined || options !== undefined;
  if (!asked) return applyChange(room, caller, row, { name, description });
  const file = await findFiles(room.locations, row, await readOutside(room));
  const reading = await inspectFile(room, file, {
    before: row.reading.given,
    now: input,
    asker: caller.personId,
    field: 'options',
    name: row.name,
  });
  return applyChange(room, caller, row, { name, description, reading });
}

/** A file that is arriving; `readInput` gives the fields that came with it, once the file is here. */
export interface Replacement {
  readonly file: { readonly name: string; readonly stream: Readable };
  readInput(): Promise<{ readonly newPromise: boolean }>;
}

/** Puts a new file under the dataset; running jobs go on with the old one, which is removed when none needs it. */
export async function replaceFile(
  room: FlowRoom,
  caller: Caller,
  id: number,
  { file, readInput }: Replacement,
): Promise<ChangedDataset> {
  const row = await requireDataset(room, caller, id, 'change');
  return receive(room, file, async (received) => {
    const at = { uri: received.path, name: received.fileName };
    const { newPromise } = await readInput();
    const { reading, told } = await readNewFile(room, caller, row, { at, newPromise });
    await keepFile(room.locations.uploadsDir, received);
    const uri = writeUploadUri(received.key, received.fileName);
    const change = { reading, file: { uri, bytes: received.bytes } };
    // It has come once, and is in its place by now: whoever sent it is asked.
    const changed = await repeatOutdated(() => applyChange(room, caller, row, change), 1);
    return { ...changed, told };
  });
}

interface NewFile {
  readonly at: InputFile;
  readonly newPromise: boolean;
}

/** It is held against the promise, unless there is none yet, the caller wants another, or the dataset adapts. */
async function readNewFile(
  room: FlowRoom,
  caller: Caller,
  row: DatasetRow,
  { at, newPromise }: NewFile,
): Promise<{ reading: Reading; told: readonly string[] }> {
  const { reading } = row;
  const asker = caller.personId;
  const isNew = newPromise || row.origin === 'waiting' || reading.options.onMismatch === 'adapt';
  if (!isNew) return { reading, told: await holdNewFile(room, row, at, asker) };
  return {
    reading: await inspectFile(room, at, { before: reading.given, asker, field: 'file', name: row.name }),
    told: [],
  };
}

async function applyChange(
  room: FlowRoom,
  caller: Caller,
  row: DatasetRow,
  change: DatasetChange,
): Promise<ChangedDataset> {
  const { db } = room;
  const { id } = row;
  const uses = await readUses(db.read, id);
  await db.transaction(async (tx) => {
    if (change.reading !== undefined) await requireUnchanged(tx, row);
    await updateDataset(tx, caller.personId, id, change);
    db.announce(tx, { topic: datasetsChanged, flowId: null, ids: [id] });
    for (const { flowId } of uses) announceFlow(room, tx, flowId);
  });
  const warnings = await recheckUses(room, caller, uses);
  return { dataset: (await readDatasets(db.read, selectOne('d.id', id)))[0]!, warnings };
}

/** How it is read was found with what was given for this file. */
async function requireUnchanged(tx: Tx, { id, uri, reading }: DatasetRow): Promise<void> {
  await lockDataset(tx, id);
  const [now] = await readDatasets(tx, selectOne('d.id', id));
  if (now === undefined || now.deleted_at !== null) throw notFound('dataset', id);
  const isSame = now.uri === uri && JSON.stringify(now.reading.given) === JSON.stringify(reading.given);
  if (!isSame) throw new Outdated();
}

/** Checks what reads a dataset that was changed; gives the warnings of flows that the caller sees. */
export async function recheckUses(
  room: FlowRoom,
  caller: Caller,
  uses: readonly { readonly flowId: number; readonly nodeId: number }[],
): Promise<Warning[]> {
  const warnings = [];
  for (const { flowId, nodeId } of uses) {
    const found = await recheckFlow(room, flowId, [nodeId], { asker: caller.personId });
    if (await seesFlow(room, caller, flowId)) warnings.push(...found);
  }
  return warnings;
}

async function seesFlow({ db }: FlowRoom, caller: Caller, flowId: number): Promise<boolean> {
  const flow = await db.read
    .selectFrom('flows')
    .leftJoin('flow_grants', (join) =>
      join.onRef('flow_grants.flow_id', '=', 'flows.id').on('flow_grants.person_id', '=', caller.personId),
    )
    .select(['flows.owner_id as ownerId', 'flow_grants.role as grant'])
    .where('flows.id', '=', flowId)
    .executeTakeFirstOrThrow();
  return findFlowRole(caller, { flowId, ...flow }) !== null;
}

/** Deletes a dataset that no recipe reads, also out of the flows that hold it. */
export async function removeDataset(room: FlowRoom, caller: Caller, id: number): Promise<void> {
  const { db } = room;
  await requireDataset(room, caller, id, 'change');
  const known = (await readUses(db.read, id)).map(({ flowId }) => flowId);
  await refuseUsed(room, caller, id);
  await db.transaction(async (tx) => {
    for (const flowId of known) await lockFlow(tx, flowId);
    await markDatasetDeleted(tx, caller.personId, id);
    await refuseUsedMeanwhile(tx, id);
    db.announce(tx, { topic: datasetsChanged, flowId: null, ids: [id] });
    for (const flowId of known) announceFlow(room, tx, flowId);
  });
}

async function refuseUsed(room: FlowRoom, caller: Caller, id: number): Promise<void> {
  const uses = (await readUses(room.db.read, id)).filter(({ readers }) => readers > 0);
  if (uses.length === 0) return;
  const flows = [];
  for (const { flowId, flowName } of uses)
    if (await seesFlow(room, caller, flowId)) flows.push({ id: flowId, name: flowName });
  const hidden = uses.length - flows.length;
  const names = flows.map(({ id: flowId, name }) => `${name} (${flowId})`);
  if (hidden > 0) names.push(`${hidden} that you may not see`);
  throw new Problem(
    'conflict',
    `Recipes read this dataset in these flows: ${names.join(', ')}. Give them another input or delete them first.`,
    [],
    { flows },
  );
}

/** A recipe that came to read it since it was looked at, in a flow whose lock this transaction does not hold. */
async function refuseUsedMeanwhile(tx: Tx, id: number): Promise<void> {
  const reader = await tx
    .selectFrom('recipe_inputs')
    .innerJoin('recipes', 'recipes.id', 'recipe_inputs.recipe_id')
    .innerJoin('flow_nodes', 'flow_nodes.id', 'recipe_inputs.input_id')
    .select('recipes.id')
    .where('flow_nodes.dataset_id', '=', id)
    .where('recipes.deleted_at', 'is', null)
    .executeTakeFirst();
  if (reader !== undefined)
    throw new Problem('conflict', 'A recipe has just begun to read this dataset: look at its flows again.');
}

export async function previewDataset(
  room: FlowRoom,
  caller: Caller,
  id: number,
  options: { readonly limit: number; readonly signal?: AbortSignal },
): Promise<PreviewResult & { ok: true }> {
  const dataset = await requireDataset(room, caller, id, 'read');
  const asked = { ...options, parameters: await readOutside(room), asker: caller.personId };
  return previewNode(room, new Map([[id, toDatasetNode(id, dataset)]]), id, asked);
}
