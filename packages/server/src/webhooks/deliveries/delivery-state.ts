// The states of a delivery: one complete table of what may follow what.

/** What the database's `state` column holds. */
export const DELIVERY_STATES = ['pending', 'sending', 'delivered', 'dead', 'canceled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/**
 * The state together with the two flags that change what may follow it:
 * `held` is pending while its task is disabled, `stopping` is sending with the mark of a cancel.
 */
export const DELIVERY_STANDINGS = [
  'pending',
  'held',
  'sending',
  'stopping',
  'delivered',
  'dead',
  'canceled',
] as const;
export type DeliveryStanding = (typeof DELIVERY_STANDINGS)[number];

/** What can happen to a delivery. `retry` and `give_up` are the two ways in which an attempt fails. */
export const DELIVERY_EVENTS = [
  'claim',
  'succeed',
  'retry',
  'give_up',
  'interrupt',
  'cancel',
  'expire',
  'hold',
  'release',
  'redeliver',
] as const;
export type DeliveryEvent = (typeof DELIVERY_EVENTS)[number];

/** Why a move is refused, with a sentence for the caller. */
export const DELIVERY_REFUSALS = {
  held: 'Its task is disabled: the delivery waits until the task is enabled.',
  sending: 'It is being sent right now: wait for the attempt to end.',
  not_sending: 'It is not being sent: the lease was lost or its attempt is settled already.',
  over: 'It has ended: only redeliver starts it again.',
} as const;
export type DeliveryRefusal = keyof typeof DELIVERY_REFUSALS;

type Cell = DeliveryStanding | { refused: DeliveryRefusal };

const HELD: Cell = { refused: 'held' };
const SENDING: Cell = { refused: 'sending' };
const NOT_SENDING: Cell = { refused: 'not_sending' };
const OVER: Cell = { refused: 'over' };

const ended = {
  claim: OVER,
  succeed: NOT_SENDING,
  retry: NOT_SENDING,
  give_up: NOT_SENDING,
  interrupt: NOT_SENDING,
  cancel: OVER,
  expire: OVER,
  hold: OVER,
  release: OVER,
  redeliver: 'pending',
} as const;

/** The whole machine. A cell names the next standing, or the reason why there is none. */
export const DELIVERY_TABLE: Readonly<Record<DeliveryStanding, Readonly<Record<DeliveryEvent, Cell>>>> = {
  pending: {
    claim: 'sending',
    succeed: NOT_SENDING,
    retry: NOT_SENDING,
    give_up: NOT_SENDING,
    interrupt: NOT_SENDING,
    cancel: 'canceled',
    expire: 'dead',
    hold: 'held',
    release: 'pending',
    redeliver: 'pending',
  },
  held: {
    claim: HELD,
    succeed: NOT_SENDING,
    retry: NOT_SENDING,
    give_up: NOT_SENDING,
    interrupt: NOT_SENDING,
    cancel: 'canceled',
    expire: 'dead',
    hold: 'held',
    release: 'pending',
    redeliver: HELD,
  },
  sending: {
    claim: SENDING,
    succeed: 'delivered',
    retry: 'pending',
    give_up: 'dead',
    interrupt: 'pending',
    cancel: 'stopping',
    expire: SENDING,
    hold: SENDING,
    release: SENDING,
    redeliver: SENDING,
  },
  // The mark ends what would go on; what the attempt itself decided stays true.
  stopping: {
    claim: SENDING,
    succeed: 'delivered',
    retry: 'canceled',
    give_up: 'dead',
    interrupt: 'canceled',
    cancel: 'stopping',
    expire: SENDING,
    hold: SENDING,
    release: SENDING,
    redeliver: SENDING,
  },
  delivered: ended,
  dead: ended,
  canceled: ended,
};

/**
 * Where a delivery can begin: waiting, waiting for its task to be enabled, sent at once (its first claim counted), or dead
 * because its body could not be made.
 */
export const BIRTH_STANDINGS = [
  'pending',
  'held',
  'sending',
  'dead',
] as const satisfies readonly DeliveryStanding[];

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

/**
 * What one event makes of a delivery, or why it is refused. A claim counts the attempt; an interrupted attempt
 * is taken out of the round; a redeliver of an ended delivery starts a fresh round.
 * When the task is disabled, `hold` follows `retry`, `interrupt` or `redeliver` in the same transaction.
 */
export function moveDelivery(from: DeliveryPosition, event: DeliveryEvent): DeliveryMove {
  const cell = DELIVERY_TABLE[from.standing][event];
  if (typeof cell === 'object') {
    return { moved: false, refused: cell.refused, detail: DELIVERY_REFUSALS[cell.refused] };
  }
  const attemptCount = from.attemptCount + (event === 'claim' ? 1 : 0);
  return { moved: true, position: { standing: cell, attemptCount, roundStart: startRound(from, event) } };
}

function startRound(from: DeliveryPosition, event: DeliveryEvent): number {
  if (event === 'interrupt') return from.roundStart + 1;
  if (event === 'redeliver' && isEnded(from.standing)) return from.attemptCount;
  return from.roundStart;
}

/** The standing that the columns of a row amount to. */
export function readStanding(row: {
  state: DeliveryState;
  held: boolean;
  cancelRequested: boolean;
}): DeliveryStanding {
  if (row.state === 'pending') return row.held ? 'held' : 'pending';
  if (row.state === 'sending') return row.cancelRequested ? 'stopping' : 'sending';
  return row.state;
}

/** The `state` column of a standing. */
export function stateOf(standing: DeliveryStanding): DeliveryState {
  if (standing === 'held') return 'pending';
  if (standing === 'stopping') return 'sending';
  return standing;
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
