// Compares a thing with what a way has made of it, whole; knows which entries of the list were needed.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isWithin, listDifferent, type Flat } from './flat.ts';
import { leftOut, type LeftOut, type Way } from './left-out.ts';
import type { ThingName } from './thing.ts';

export interface Comparison {
  readonly way: Way;
  readonly thing: ThingName;
  /** Which of several. */
  readonly which: string;
}

export interface Ledger {
  /** Fails where they differ and the list does not say so. */
  compare(what: Comparison, before: Flat, after: Flat): void;
  /** What was given, with what the list says is shown beside or instead of it. */
  addShown(way: Way, thing: ThingName, given: Flat): Flat;
  /** For a member that is compared with nothing. */
  isLeftOut(way: Way, thing: ThingName, path: string): boolean;
  /** Fails for entries of these ways that were not needed. */
  finish(ways: readonly Way[]): void;
}

export function openLedger(): Ledger {
  const used = new Set<string>();
  const find = (way: Way, thing: ThingName, path: string) => {
    const found = leftOut.find((each) => isAbout(each, way, thing, path));
    if (found !== undefined) used.add(nameUse(way, thing, found));
    return found;
  };
  return {
    compare({ way, thing, which }, before, after) {
      const lost = listDifferent(before, after).flatMap((path) => {
        const entry = find(way, thing, path);
        const expected = entry === undefined ? before[path] : entry.becomes?.(before[path], before);
        const fits = entry !== undefined && (!entry.becomes || isDeepStrictEqual(after[path], expected));
        return fits ? [] : [`  ${path}: ${show(expected)} is ${show(after[path])}`];
      });
      assert.equal(
        lost.length,
        0,
        `The way "${way}" does not keep a ${thing} (${which}):\n${lost.join('\n')}\n` +
          'Carry the field on that way, or say in left-out.ts why it stays behind.',
      );
    },
    addShown(way, thing, given) {
      const added = Object.entries(given).flatMap(([path, value]) => {
        const entry = leftOut.find((each) => each.shows && isAbout(each, way, thing, path));
        if (entry !== undefined) used.add(nameUse(way, thing, entry));
        return [entry?.shows?.(value, path) ?? {}];
      });
      return Object.assign({}, given, ...added) as Flat;
    },
    isLeftOut: (way, thing, path) => find(way, thing, path) !== undefined,
    finish(ways) {
      const needless = leftOut.flatMap((each) =>
        each.ways.flatMap((way) =>
          each.things.flatMap((thing) =>
            !ways.includes(way) || used.has(nameUse(way, thing, each))
              ? []
              : [`${way}, ${thing}, ${each.field}`],
          ),
        ),
      );
      assert.deepEqual(needless, [], 'These entries of left-out.ts are not needed: take them out.');
    },
  };
}

function isAbout({ ways, things, field }: LeftOut, way: Way, thing: ThingName, path: string): boolean {
  return ways.includes(way) && things.includes(thing) && isWithin(path, field);
}

function nameUse(way: Way, thing: ThingName, entry: LeftOut): string {
  return `${way} ${thing} ${leftOut.indexOf(entry)}`;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
