// Adding, changing and taking away the files that an output writes.
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { dropUndefined } from '../base/drop-undefined.ts';
import { Problem, notFound } from '../base/error.ts';
import type { Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import type { Caller } from '../people/caller.ts';
import { readNeed, type Need } from '../people/flow-access.ts';
import { announceFlow, type FlowRoom } from './flow-room.ts';
import { lockFlow, selectOne } from './flow-store.ts';
import { refuseDeleted, requireOutput } from './output.ts';
import {
  insertWriteSetting,
  markDeleted,
  readSettingsOf,
  readWriteSettings,
  updateWriteSetting,
  type WriteSettingRow,
} from './output-store.ts';
import { refuseTakenPlaces } from './places/place-refusal.ts';
import { requireFlowOf } from './recipes/recipe.ts';
import {
  choosePlannedPath,
  refuseSamePlace,
  settleWriteSetting,
  type WriteRule,
} from './write-setting-rule.ts';

/** As many as a list in an output may have. */
const maxSettings = 20;

export async function createWriteSetting(
  room: FlowRoom & Keeping,
  caller: Caller,
  outputId: number,
  given: WriteSettingGiven,
): Promise<Kept<{ id: number }>> {
  const { db } = room;
  const { flow_id: flowId } = await requireOutput(room, caller, outputId, 'editor');
  const rule = settleWriteSetting(given);
  return db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await refuseDeleted(tx, outputId);
    await refuseBeside(tx, outputId, rule, null);
    const id = await insertWriteSetting(tx, caller.personId, outputId, rule);
    await refuseTakenPlaces(
      tx,
      caller,
      { flowId, rules: [rule], outputsDir: room.locations.outputsDir },
      () => 'path',
    );
    announceFlow(room, tx, flowId);
    return room.keep(tx, { id });
  });
}

async function readOne({ db }: FlowRoom, id: number): Promise<WriteSettingRow> {
  return (await readWriteSettings(db.read, selectOne('w.id', id)))[0]!;
}

/** Throws where the output's other settings leave no place for this one. */
async function refuseBeside(tx: Tx, outputId: number, rule: WriteRule, selfId: number | null): Promise<void> {
  const others = (await readSettingsOf(tx, [outputId])).filter(({ id }) => id !== selfId);
  if (others.length >= maxSettings)
    throw new Problem('limit_reached', `An output has at most ${maxSettings} write settings.`);
  refuseSamePlace([...others.map((other) => other.rule), rule], () => 'path');
}

/** The row; throws `not_found` where the caller may not see its flow, `forbidden` where the role is too low. */
export async function requireWriteSetting(
  room: FlowRoom,
  caller: Caller,
  id: number,
  need: Need,
): Promise<WriteSettingRow> {
  const [row] = await readWriteSettings(room.db.read, selectOne('w.id', id));
  const hidden = notFound('write setting', id);
  if (row === undefined || (row.deleted_at !== null && !readNeed(need).includeDeleted)) throw hidden;
  await requireFlowOf(room, caller, need, { flowId: row.flow_id, hidden });
  return row;
}

export async function changeWriteSetting(
  room: FlowRoom,
  caller: Caller,
  id: number,
  change: { readonly [Name in keyof WriteSettingGiven]?: WriteSettingGiven[Name] | undefined },
): Promise<WriteSettingRow> {
  const { db } = room;
  const { output_id: outputId, flow_id: flowId } = await requireWriteSetting(room, caller, id, 'editor');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const [row] = await readWriteSettings(tx, selectOne('w.id', id));
    if (row === undefined || row.deleted_at !== null) throw notFound('write setting', id);
    const rule = settleWriteSetting(applyChange(row.rule, change));
    await refuseBeside(tx, outputId, rule, id);
    await updateWriteSetting(tx, caller.personId, id, rule);
    await refuseTakenPlaces(
      tx,
      caller,
      { flowId, rules: [rule], outputsDir: room.locations.outputsDir },
      () => 'path',
    );
    announceFlow(room, tx, flowId);
  });
  return readOne(room, id);
}

/** A stored setting as it is asked for, with what is changed of it. A new compression ends zstd, and the other way round. */
function applyChange(rule: WriteRule, change: Parameters<typeof changeWriteSetting>[3]): WriteSettingGiven {
  const { compression, ...rest } = rule;
  const stored =
    compression === 'zstd'
      ? ({
          compression: 'none',
          zstd: change.compression === undefined || change.compression === 'none',
        } as const)
      : { compression: change.zstd === true ? ('none' as const) : compression, zstd: false };
  return { ...rest, ...stored, ...dropUndefined(change) };
}

export async function removeWriteSetting(room: FlowRoom, caller: Caller, id: number): Promise<void> {
  const { db } = room;
  const { flow_id: flowId } = await requireWriteSetting(room, caller, id, 'editor');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await markDeleted(tx, caller.personId, 'write_settings', id);
    announceFlow(room, tx, flowId);
  });
}

/** The file name in the folder of a job: which of the settings it is for, and its own name. */
export function nameFile(rule: WriteRule, index: number): string {
  return `${index + 1}-${choosePlannedPath(rule).split('/').at(-1)!}`;
}
