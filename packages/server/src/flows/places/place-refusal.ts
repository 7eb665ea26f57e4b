// What somebody is told whose output would write where another flow does; of a flow that they can't see, nothing.
import { sql } from 'kysely';
import { Problem } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { readFlowRoles } from '../../people/flow-access-store.ts';
import { findPlaceholder } from '../placeholder.ts';
import { choosePlannedPath, type WriteRule } from '../write-setting-rule.ts';
import { readWriteSettings } from '../output-store.ts';
import { findBarred, type PlaceAnswer } from './place-claim.ts';
import { createPlaceIndex } from './place-index.ts';
import type { PlaceClaim } from './place-store.ts';
import { isWithin, toPlace } from './place-rule.ts';
import { findOtherForm } from './standing-form.ts';

export type Barred = Extract<PlaceAnswer, { ok: false }>;

/** A place that another flow holds: for everybody to read, since it names that flow to nobody. */
export class PlaceTaken extends Problem {
  readonly barred: Barred;

  constructor(barred: Barred) {
    const detail = describe(barred, holderOf(barred, 'another flow'));
    super('conflict', detail, [{ field: `writeSettings[${barred.index}].path`, detail }]);
    this.barred = barred;
  }
}

const wayOut = 'Choose another path, or have the output of that flow deleted or moved to another path first.';

const ownHolder = 'another output of this flow';

function holderOf({ claim, rival }: Barred, other: string): string {
  return claim.flowId === rival.flowId ? ownHolder : other;
}

function describe({ claim, rival }: Barred, holder: string): string {
  if (holder === ownHolder) {
    const [outer, inner] = isWithin(claim.key, rival.key) ? [rival, claim] : [claim, rival];
    return `The place ${inner.path} lies within ${outer.path}, and one of them is written by ${holder}: a file and a folder can't have one name. Choose another path for one of them.`;
  }
  if (isWithin(rival.key, claim.key))
    return `Within the place ${claim.path} stands one that belongs to ${holder}. ${wayOut}`;
  if (isWithin(claim.key, rival.key))
    return `The place ${claim.path} lies within one that belongs to ${holder}. ${wayOut}`;
  return `The place ${claim.path} belongs to ${holder}. ${wayOut}`;
}

/** The same for a caller, with the field that they wrote; it names the flow where they may see it. */
export async function tellPlace(
  db: Read,
  caller: Caller,
  barred: Barred,
  fieldOf: (index: number) => string,
): Promise<Problem> {
  const { flowId } = barred.rival;
  const seen = (await readFlowRoles(db, caller, [flowId])).has(flowId);
  const flow = seen
    ? await db.selectFrom('flows').select('name').where('id', '=', flowId).executeTakeFirst()
    : undefined;
  const other = flow === undefined ? 'another flow' : `the flow ${flow.name} (${flowId})`;
  const detail = describe(barred, holderOf(barred, other));
  return new Problem('conflict', detail, [{ field: fieldOf(barred.index), detail }]);
}

/** What has been saved in this transaction. */
export interface SavedRules {
  readonly flowId: number;
  readonly outputsDir: string;
  readonly rules: readonly WriteRule[];
}

/**
 * Throws where a path that has no parameter, so that it is known now, is a place of another flow, can't stand beside that of
 * another output of its own, or where parts of another form would come beside what stands there. Nothing is taken.
 */
export async function refuseTakenPlaces(
  tx: Read,
  caller: Caller,
  { flowId, rules, outputsDir }: SavedRules,
  fieldOf: (index: number) => string,
): Promise<void> {
  const fixed = [...rules.entries()].filter(([, { path }]) => findPlaceholder(path) === -1);
  const claims = fixed.map(([, rule]) => toClaim(flowId, rule));
  const barred = (await findBarred(tx, claims)) ?? (await findOwnBarred(tx, flowId, claims));
  if (barred !== null) throw await tellPlace(tx, caller, barred, (index) => fieldOf(fixed[index]![0]));
  const other = await findOtherForm(tx, { flowId, outputsDir, rules: fixed.map(([, rule]) => rule) });
  if (other === null) return;
  const { detail, index } = other;
  throw new Problem('conflict', detail, [{ field: fieldOf(fixed[index]![0]), detail }]);
}

/** What has no parameter is known now, also of outputs that have never run. */
async function findOwnBarred(
  tx: Read,
  flowId: number,
  claims: readonly PlaceClaim[],
): Promise<Barred | null> {
  if (claims.length === 0) return null;
  const where = sql<boolean>`o.flow_id = ${flowId} and o.deleted_at is null and w.deleted_at is null`;
  const saved = await readWriteSettings(tx, { where, orderBy: sql`w.id`, page: sql`` });
  const index = createPlaceIndex<PlaceClaim>();
  for (const { rule } of saved) if (findPlaceholder(rule.path) === -1) index.add(toClaim(flowId, rule));
  for (const [at, claim] of claims.entries()) {
    const rival = index.findRival(claim);
    if (rival !== undefined) return { ok: false, index: at, claim, rival };
  }
  return null;
}

function toClaim(flowId: number, rule: WriteRule): PlaceClaim {
  const path = choosePlannedPath(rule);
  return { ...toPlace(path, rule.action), path, flowId, recipeId: null, template: rule.path };
}
