// The states of a delivery: one complete table of what may follow what.
//
// Of the tables of jobs, flow runs and occurrences, db/state-table.ts makes one column, the state. An event of a delivery writes
// eleven columns together (flags, due time, lease, counts, reason of the end): move-text.ts makes them all of this table, with a
// condition for each state by which its partial index is used. Most cells of 8 standings and 11 events are
// refusals: they are left out, where the smaller tables write each as null.

/** What the database's `state` column holds. */
export const deliveryStates = ['pending', 'sending', 'delivered', 'dead', 'canceled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * The state together with the flags that change what may follow it: `held` is pending while its task is disabled,
 * `held_for_crashes` until a person asks for it again, `stopping` is sending with the mark of a cancel.
 */
export const deliveryStandings = [
  'pending',
  'held',
  'held_for_crashes',
  'sending',
  'stopping',
  'delivered',
  'dead',
  'canceled',
] as const;
export type DeliveryStanding = (typeof deliveryStandings)[number];

/**
 * What can happen to a delivery. `retry` and `give_up` are the two ways in which an attempt fails; one that was cut off is an
 * `interrupt`, or a `crash` where our process ended during it for the last time in a row that is borne.
 */
export const deliveryEvents = [
  'claim',
  'succeed',
  'retry',
  'give_up',
  'interrupt',
  'crash',
  'cancel',
  'expire',
  'hold',
  'release',
  'redeliver',
] as const;
export type DeliveryEvent = (typeof deliveryEvents)[number];

/**
 * The whole machine: what a standing becomes by an event. What is not named is refused and changes nothing.
 * What goes back to waiting (`retry`, `interrupt`, `redeliver`) is followed by `hold` in the same transaction where its task
 * is disabled.
 */
export const deliveryTable: DeliveryTable = {
  pending: { claim: 'sending', cancel: 'canceled', expire: 'dead', hold: 'held', redeliver: 'pending' },
  held: { release: 'pending', cancel: 'canceled', expire: 'dead', redeliver: 'pending' },
  held_for_crashes: { cancel: 'canceled', expire: 'dead', redeliver: 'pending' },
  sending: {
    succeed: 'delivered',
    retry: 'pending',
    give_up: 'dead',
    interrupt: 'pending',
    crash: 'held_for_crashes',
    cancel: 'stopping',
  },
  // The mark ends what would go on; what the attempt itself decided stays true.
  stopping: {
    succeed: 'delivered',
    retry: 'canceled',
    give_up: 'dead',
    interrupt: 'canceled',
    crash: 'canceled',
    cancel: 'stopping',
  },
  delivered: { redeliver: 'pending' },
  dead: { redeliver: 'pending' },
  canceled: { redeliver: 'pending' },
};

export type DeliveryTable = Readonly<
  Record<DeliveryStanding, Readonly<Partial<Record<DeliveryEvent, DeliveryStanding>>>>
>;

/** Why a move is refused, with a sentence for the caller. */
export const deliveryRefusals = {
  held: 'It is held: the delivery waits until its task is enabled, or until it is asked for again.',
  not_held: 'It is not held.',
  sending: 'It is being sent right now: wait for the attempt to end.',
  not_sending: 'It is not being sent: the lease was lost or its attempt is settled already.',
  over: 'It has ended: only redeliver starts it again.',
} as const;
export type DeliveryRefusal = keyof typeof deliveryRefusals;

const attemptEnds: readonly DeliveryEvent[] = ['succeed', 'retry', 'give_up', 'interrupt', 'crash'];

/** Why a move that the table does not name is refused. */
function explainRefusal(standing: DeliveryStanding, event: DeliveryEvent): DeliveryRefusal {
  if (attemptEnds.includes(event)) return 'not_sending';
  if (isSending(standing)) return 'sending';
  if (isEnded(standing)) return 'over';
  return event === 'release' ? 'not_held' : 'held';
}

/**
 * Where a delivery begins, by how it is born: waiting; sent at once, its first claim counted; dead, because its body could
 * not be made; or beside the one that it repeats, `hold` following where the task is disabled.
 */
export const deliveryBirths: Readonly<Record<DeliveryBirth, DeliveryStanding>> = {
  owed: 'pending',
  leased: 'sending',
  unmade: 'dead',
  repeated: 'pending',
};
export type DeliveryBirth = 'owed' | 'leased' | 'unmade' | 'repeated';

/** The columns that decide what may happen to a delivery. Counts are numbers of attempts. */
export interface DeliveryPosition {
  readonly standing: DeliveryStanding;
  readonly attemptCount: number;
  /** Attempts that the present round of the retry schedule does not count. */
  readonly roundStart: number;
}

export type DeliveryMove =
  | { readonly moved: true; readonly position: DeliveryPosition }
  | { readonly moved: false; readonly refused: DeliveryRefusal; readonly detail: string };

/** What one event makes of a delivery, or why it is refused. A claim counts the attempt. */
export function moveDelivery(
  from: DeliveryPosition,
  event: DeliveryEvent,
  table: DeliveryTable = deliveryTable,
): DeliveryMove {
  const standing = table[from.standing][event];
  if (standing === undefined) {
    const refused = explainRefusal(from.standing, event);
    return { moved: false, refused, detail: deliveryRefusals[refused] };
  }
  const attemptCount = from.attemptCount + (event === 'claim' ? 1 : 0);
  const roundStart = { same: from.roundStart, longer: from.roundStart + 1, fresh: from.attemptCount };
  return {
    moved: true,
    position: { standing, attemptCount, roundStart: roundStart[roundAfter(from.standing, event)] },
  };
}

/** What becomes of the round: an attempt that was cut off is taken out of it, a redeliver of what had ended begins a fresh one. */
export function roundAfter(from: DeliveryStanding, event: DeliveryEvent): 'same' | 'longer' | 'fresh' {
  if (event === 'interrupt' || event === 'crash') return 'longer';
  return event === 'redeliver' && (isEnded(from) || from === 'held_for_crashes') ? 'fresh' : 'same';
}

/** The columns that make a standing. */
export interface StandingColumns {
  readonly state: DeliveryState;
  readonly held: 0 | 1;
  readonly held_for_crashes: 0 | 1;
  readonly cancel_requested: 0 | 1;
}

export const standingColumns: Readonly<Record<DeliveryStanding, StandingColumns>> = {
  pending: { state: 'pending', held: 0, held_for_crashes: 0, cancel_requested: 0 },
  held: { state: 'pending', held: 1, held_for_crashes: 0, cancel_requested: 0 },
  held_for_crashes: { state: 'pending', held: 1, held_for_crashes: 1, cancel_requested: 0 },
  sending: { state: 'sending', held: 0, held_for_crashes: 0, cancel_requested: 0 },
  stopping: { state: 'sending', held: 0, held_for_crashes: 0, cancel_requested: 1 },
  delivered: { state: 'delivered', held: 0, held_for_crashes: 0, cancel_requested: 0 },
  dead: { state: 'dead', held: 0, held_for_crashes: 0, cancel_requested: 0 },
  canceled: { state: 'canceled', held: 0, held_for_crashes: 0, cancel_requested: 0 },
};

/** The standing that the columns of a row amount to. */
export function readStanding(row: {
  readonly state: DeliveryState;
  readonly held: number;
  readonly held_for_crashes: number;
  readonly cancel_requested: number;
}): DeliveryStanding {
  if (row.state === 'sending') return row.cancel_requested === 1 ? 'stopping' : 'sending';
  if (row.state !== 'pending' || row.held === 0) return row.state;
  return row.held_for_crashes === 1 ? 'held_for_crashes' : 'held';
}

/** The `state` column of a standing. */
export function stateOf(standing: DeliveryStanding): DeliveryState {
  return standingColumns[standing].state;
}

/** What `due_at` means: the next attempt's time, the end of the lease, or nothing (null). */
export function meaningOfDue(standing: DeliveryStanding): 'attempt' | 'lease' | null {
  if (standing === 'pending') return 'attempt';
  return isSending(standing) ? 'lease' : null;
}

/** True while a request may be on its way. */
export function isSending(standing: DeliveryStanding): boolean {
  return standing === 'sending' || standing === 'stopping';
}

/** True when nothing more happens by itself. */
export function isEnded(standing: DeliveryStanding): boolean {
  return standing === 'delivered' || standing === 'dead' || standing === 'canceled';
}

/** How many settled attempts the account expects: one fewer while one is under way. */
export function countSettled(position: DeliveryPosition): number {
  return position.attemptCount - (isSending(position.standing) ? 1 : 0);
}
