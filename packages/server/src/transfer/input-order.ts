// Pure: the order in which each thing stands after what it reads, and else where it stood.

/** What of `keys` could be put in order: all of them, unless some read each other in a circle. An order that holds already stays. */
export function orderByInputs(
  keys: readonly number[],
  inputsOf: (key: number) => readonly number[],
): number[] {
  const place = new Map(keys.map((key, index) => [key, index]));
  const waitsFor = new Map(keys.map((key) => [key, inputsOf(key).length]));
  const readers = new Map<number, number[]>();
  for (const key of keys)
    for (const input of inputsOf(key)) {
      const known = readers.get(input);
      if (known === undefined) readers.set(input, [key]);
      else known.push(key);
    }
  const ready = keys.filter((key) => waitsFor.get(key) === 0).toReversed();
  const order: number[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const reader of readers.get(next) ?? []) {
      const left = waitsFor.get(reader)! - 1;
      waitsFor.set(reader, left);
      if (left === 0) insert(ready, reader, place);
    }
  }
  return order;
}

/** `sorted` has the earliest place at its end. */
function insert(sorted: number[], key: number, place: ReadonlyMap<number, number>): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (place.get(sorted[middle]!)! > place.get(key)!) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, key);
}
