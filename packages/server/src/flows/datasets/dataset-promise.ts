// A dataset's promise: a new file is held against it, and it widens where the dataset says so.
import type { Asker } from '../../base/turn.ts';
import type { Column, InputFile } from '../../engine/dataset.ts';
import type { Failure } from '../../engine/failure.ts';
import { announceFlow, datasetsChanged, type FlowRoom } from '../flow-room.ts';
import { selectOne } from '../flow-store.ts';
import { recheckFlow } from '../recipes/recheck.ts';
import { toRefusal } from '../refusal.ts';
import { toDataset } from '../recipes/recipe-check.ts';
import { readDatasets, readUses, updateDataset, type DatasetRow } from './dataset-store.ts';

/** Counts every value, so that each is read; nothing of it is kept. */
const readAll = 'SELECT count(COLUMNS(*)) FROM new_file';

/** Limits that say nothing about the file: a job will see it whole. */
const undecided: Readonly<Partial<Record<Failure['reason'], string>>> = {
  time_limit: 'takes longer than there is time for now',
  out_of_memory: 'takes more memory than there is for it now',
  temp_space_full: 'takes more temporary space than there is for it now',
  busy: 'has to wait, as the server is busy with other previews',
};

/** It is taken all the same. */
const tellUnheld = (dataset: string, why: string): string =>
  `The new file of dataset "${dataset}" was taken, but not all of it has been held against the dataset's promise: that ${why}. The next job reads all of it, and tells of what does not fit.`;

/** What is to be said of the file; throws where it does not keep the promise. */
export async function holdNewFile(
  { engine }: Pick<FlowRoom, 'engine'>,
  row: DatasetRow,
  file: InputFile,
  asker: Asker,
): Promise<readonly string[]> {
  const dataset = toDataset(row, 'new_file', [file]);
  const recipe = { name: 'all_values', sql: readAll, dialect: 'duckdb', primaryInput: null } as const;
  const query = { datasets: [dataset], recipes: [recipe], target: recipe.name };
  const result = await engine.preview(query, { limit: 1, asker, whole: true });
  const { name } = row;
  if (result.ok) {
    const isPart = result.sample !== null;
    return [...result.warnings, ...(isPart ? [tellUnheld(name, 'is done for the first 64 MB alone')] : [])];
  }
  const { failure } = result;
  const why = undecided[failure.reason];
  if (why !== undefined) return [tellUnheld(name, why)];
  const hint =
    `${failure.hint ?? ''} With the field newPromise=true before the file it is looked at anew.`.trim();
  throw toRefusal(
    { ...failure, message: failure.message.replaceAll('"new_file"', JSON.stringify(name)), hint },
    'file',
  );
}

/** A dataset with the columns that a job began with, and those that its files needed. */
export interface Widening {
  readonly datasetId: number;
  readonly before: readonly Column[];
  readonly columns: readonly Column[];
}

/** Stores wider promises, but for those that somebody has changed meanwhile, and checks what reads them. */
export async function widenPromises(room: FlowRoom, widenings: readonly Widening[]): Promise<void> {
  for (const { datasetId, before, columns } of widenings) {
    const isStored = await room.db.transaction(async (tx) => {
      const [row] = await readDatasets(tx, selectOne('d.id', datasetId));
      if (row === undefined || JSON.stringify(row.reading.columns) !== JSON.stringify(before)) return false;
      await updateDataset(tx, row.owner_id, datasetId, { reading: { ...row.reading, columns, checked: [] } });
      room.db.announce(tx, { topic: datasetsChanged, flowId: null, ids: [datasetId] });
      for (const { flowId } of await readUses(tx, datasetId)) announceFlow(room, tx, flowId);
      return true;
    });
    if (!isStored) continue;
    for (const { flowId, nodeId } of await readUses(room.db.read, datasetId))
      await recheckFlow(room, flowId, [nodeId], { asker: null });
  }
}
