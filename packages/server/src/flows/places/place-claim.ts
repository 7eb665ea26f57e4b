// Taking places: what a flow holds already costs one statement, anything new is settled by one transaction after the other.
import type { Read, Tx } from '../../db/database.ts';
import { createPlaceIndex } from './place-index.ts';
import type { HeldPlace, PlaceClaim } from './place-store.ts';
import { readNear, readOwn, writePlaces } from './place-store.ts';

/** A place that is asked for, and where to go instead if another flow has it. */
export interface PlaceWish {
  readonly first: PlaceClaim;
  readonly spare: PlaceClaim | null;
}

/** Wishes that come true together, or not at all: which claim each has become, or which of them another place bars. */
export type PlaceAnswer =
  | { readonly ok: true; readonly taken: readonly PlaceClaim[] }
  | { readonly ok: false; readonly index: number; readonly claim: PlaceClaim; readonly rival: HeldPlace };

const placesTurn = 0x666c_6f79;

/** Waits until no other transaction settles places, and has the others wait. */
export async function takePlacesTurn(tx: Tx): Promise<void> {
  await tx.turn(placesTurn).execute(tx);
}

/** Takes places for any number of groups, the first of them first. Under the locks of their flows. */
export async function claimPlaces(tx: Tx, groups: readonly (readonly PlaceWish[])[]): Promise<PlaceAnswer[]> {
  const own = findOwn(await readOwn(tx, listClaims(groups)));
  const answers = groups.map((wishes) => answerFromOwn(wishes, own));
  if (answers.every((answer) => answer !== null)) return answers;
  // Only what is new waits: two that want the same, or one within the other, come one after the other.
  await takePlacesTurn(tx);
  const settled = settleGroups(groups, await readNear(tx, listClaims(groups)));
  await writePlaces(
    tx,
    settled.flatMap((answer) => (answer.ok ? answer.taken : [])),
  );
  return settled;
}

function listClaims(groups: readonly (readonly PlaceWish[])[]): PlaceClaim[] {
  return groups.flat().flatMap(({ first, spare }) => (spare === null ? [first] : [first, spare]));
}

type Holds = (claim: PlaceClaim) => boolean;

function findOwn(held: readonly HeldPlace[]): Holds {
  const byKey = new Map(held.map((place) => [`${place.flowId} ${place.key}`, place]));
  return ({ flowId, key, creates, replaces }) => {
    const place = byKey.get(`${flowId} ${key}`);
    return place !== undefined && (!creates || place.creates) && (!replaces || place.replaces);
  };
}

/** Null where something is asked for that the flow does not hold. */
function answerFromOwn(wishes: readonly PlaceWish[], own: Holds): PlaceAnswer | null {
  const taken = wishes.map(({ first, spare }) => {
    if (own(first)) return first;
    return spare !== null && own(spare) ? spare : null;
  });
  return taken.every((claim) => claim !== null) ? { ok: true, taken } : null;
}

function settleGroups(groups: readonly (readonly PlaceWish[])[], near: readonly HeldPlace[]): PlaceAnswer[] {
  const index = createPlaceIndex<HeldPlace>();
  for (const place of near) index.add(place);
  return groups.map((wishes) => {
    const answer = settleGroup(wishes, (claim) => index.findRival(claim));
    if (answer.ok) for (const claim of answer.taken) index.add(claim);
    return answer;
  });
}

function settleGroup(
  wishes: readonly PlaceWish[],
  findRival: (claim: PlaceClaim) => HeldPlace | undefined,
): PlaceAnswer {
  const taken: PlaceClaim[] = [];
  const own = createPlaceIndex<PlaceClaim>();
  const findEither = (claim: PlaceClaim) => findRival(claim) ?? own.findRival(claim);
  for (const [index, { first, spare }] of wishes.entries()) {
    const rival = findEither(first);
    const instead = rival === undefined ? first : spare;
    const barred = instead === null ? rival : instead === first ? undefined : findEither(instead);
    if (instead === null || barred !== undefined) return { ok: false, index, claim: first, rival: rival! };
    taken.push(instead);
    own.add(instead);
  }
  return { ok: true, taken };
}

/** The first of these that another flow's place bars, or one of their own; nothing is taken. */
export async function findBarred(
  db: Read,
  claims: readonly PlaceClaim[],
): Promise<Extract<PlaceAnswer, { ok: false }> | null> {
  const flowIds = new Set(claims.map(({ flowId }) => flowId));
  const others = (await readNear(db, claims)).filter(({ flowId }) => !flowIds.has(flowId));
  const [answer] = settleGroups([claims.map((first) => ({ first, spare: null }))], others);
  return answer?.ok === false ? answer : null;
}
