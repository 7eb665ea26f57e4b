// What a call has made, on record in the transaction that made it, so that a repeat of the call is told the same.
import type { Tx } from './database.ts';

declare const kept: unique symbol;

/** What was made, plain JSON, and is on record: `Keep` gives it and nothing else does. */
export type Kept<Made> = Made & { readonly [kept]: true };

/** Puts on record what was made. The last act of a transaction: it throws, and so undoes it, where another call was first. */
export type Keep = <Made>(tx: Tx, made: Made) => Promise<Kept<Made>>;

export interface Keeping {
  readonly keep: Keep;
}

/** For what nobody asks for again. */
export const keepNothing: Keep = async (_, made) => made as Kept<typeof made>;
