// Pure: places by what can't stand beside them, for many at once.
import { collide, exclude, findNumbered, listFolders, listRivalKeys, type Place } from './place-rule.ts';

export interface OwnedPlace extends Place {
  readonly flowId: number;
}

export interface PlaceIndex<Owned extends OwnedPlace> {
  add(place: Owned): void;
  /** One that can't stand beside it: of another flow, or of its own. */
  findRival(place: OwnedPlace): Owned | undefined;
}

export function createPlaceIndex<Owned extends OwnedPlace>(): PlaceIndex<Owned> {
  const at = new Map<string, Owned[]>();
  const within = new Map<string, Owned[]>();
  const numbered = new Map<string, Owned[]>();
  const put = (map: Map<string, Owned[]>, key: string | null, place: Owned) => {
    if (key === null) return;
    const there = map.get(key);
    if (there === undefined) map.set(key, [place]);
    else there.push(place);
  };
  return {
    add(place) {
      put(at, place.key, place);
      for (const folder of listFolders(place.key)) put(within, folder, place);
      for (const name of [...listFolders(place.key), place.key]) put(numbered, findNumbered(name), place);
    },
    findRival(place) {
      const near = [
        ...listRivalKeys(place).flatMap((key) => at.get(key) ?? []),
        ...(within.get(place.key) ?? []),
        ...(numbered.get(place.key) ?? []),
      ];
      return near.find((other) => (other.flowId === place.flowId ? exclude : collide)(place, other));
    },
  };
}
