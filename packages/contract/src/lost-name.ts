// The one name that JavaScript's objects lose: what stands under it is gone once a schema has read the object.

const lostName = '__proto__';

interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly above: Place | null;
}

/** Where in parsed JSON something stands under that name: the path to it; null where nothing does. `text` is what it was parsed from. */
export function findLostName(text: string, value: unknown): readonly (string | number)[] | null {
  // An escape may stand for any of its letters.
  if (!text.includes(lostName) && !text.includes(String.raw`\u`)) return null;
  // No recursion: the depth is the writer's choice.
  const open: Place[] = [{ value, key: '', above: null }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (typeof place.value !== 'object' || place.value === null) continue;
    const isList = Array.isArray(place.value);
    for (const [name, inner] of Object.entries(place.value)) {
      const found: Place = { value: inner, key: isList ? Number(name) : name, above: place };
      if (name === lostName) return listKeys(found);
      open.push(found);
    }
  }
  return null;
}

function listKeys(found: Place): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let place = found; place.above !== null; place = place.above) keys.push(place.key);
  return keys.toReversed();
}

export const lostNameDetail = 'no field can have this name: choose another.';
