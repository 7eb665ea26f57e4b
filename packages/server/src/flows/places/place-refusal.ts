// What somebody is told whose output would write where another flow does; of a flow that they can't see, nothing.
import { Problem } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { readFlowRoles } from '../../people/flow-access-store.ts';
import { findPlaceholder } from '../placeholder.ts';
import { choosePlannedPath, type WriteRule } from '../write-setting-rule.ts';
import { findBarred, type PlaceAnswer } from './place-claim.ts';
import { isWithin, toPlace } from './place-rule.ts';
import { findOtherForm } from './standing-form.ts';

export type Barred = Extract<PlaceAnswer, { ok: false }>;

/** A place that another flow holds: for everybody to read, since it names that flow to nobody. */
export class PlaceTaken extends Problem {
  readonly barred: Barred;

  constructor(barred: Barred) {
    const detail = describe(barred, 'another flow');
    super('conflict', detail, [{ field: `writeSettings[${barred.index}].path`, detail }]);
    this.barred = barred;
  }
}

const wayOut = 'Choose another path, or have the output of that flow deleted or moved to another path first.';

function describe({ claim, rival }: Barred, holder: string): string {
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
  const detail = describe(barred, flow === undefined ? 'another flow' : `the flow ${flow.name} (${flowId})`);
  return new Problem('conflict', detail, [{ field: fieldOf(barred.index), detail }]);
}

/** What would be saved. */
export interface SavedRules {
  readonly flowId: number;
  readonly outputsDir: string;
  readonly rules: readonly WriteRule[];
}

/**
 * Throws where a path that has no parameter, so that it is known now, is a place of another flow, or where parts of another
 * form would come beside what stands there. Nothing is taken.
 */
export async function refuseTakenPlaces(
  tx: Read,
  caller: Caller,
  { flowId, rules, outputsDir }: SavedRules,
  fieldOf: (index: number) => string,
): Promise<void> {
  const fixed = [...rules.entries()].filter(([, { path }]) => findPlaceholder(path) === -1);
  const claims = fixed.map(([, rule]) => {
    const path = choosePlannedPath(rule);
    return { ...toPlace(path, rule.action), path, flowId, recipeId: null, template: rule.path };
  });
  const barred = await findBarred(tx, claims);
  if (barred !== null) throw await tellPlace(tx, caller, barred, (index) => fieldOf(fixed[index]![0]));
  const other = await findOtherForm(tx, { flowId, outputsDir, rules: fixed.map(([, rule]) => rule) });
  if (other === null) return;
  const { detail, index } = other;
  throw new Problem('conflict', detail, [{ field: fieldOf(fixed[index]![0]), detail }]);
}
