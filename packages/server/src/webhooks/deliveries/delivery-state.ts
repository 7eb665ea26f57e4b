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

/**
 * The whole machine: what a standing becomes by an event. What is not named is refused and changes nothing.
 * What goes back to waiting (`retry`, `interrupt`, `redeliver`) is followed by `hold` in the same transaction where its task
 * is disabled.
 */
export const DELIVERY_TABLE: DeliveryTable = {
  pending: { claim: 'sending', cancel: 'canceled', expire: 'dead', hold: 'held', redeliver: 'pending' },
  held: { release: 'pending', cancel: 'canceled', expire: 'dead', redeliver: 'pending' },
  sending: {
    succeed: 'delivered',
    retry: 'pending',
    give_up: 'dead',
    interrupt: 'pending',
    cancel: 'stopping',
  },
  // The mark ends what would go on; what the attempt itself decided stays true.
  stopping: {
    succeed: 'delivered',
    retry: 'canceled',
    give_up: 'dead',
    interrupt: 'canceled',
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
export const DELIVERY_REFUSALS = {
  held: 'Its task is disabled: the delivery waits until the task is enabled.',
  not_held: 'It is not held.',
  sending: 'It is being sent right now: wait for the attempt to end.',
  not_sending: 'It is not being sent: the lease was lost or its attempt is settled already.',
  over: 'It has ended: only redeliver starts it again.',
} as const;
export type DeliveryRefusal = keyof typeof DELIVERY_REFUSALS;

const attemptEnds: readonly DeliveryEvent[] = ['succeed', 'retry', 'give_up', 'interrupt'];

/** Why a move that the table does not name is refused. */
export function explainRefusal(standing: DeliveryStanding, event: DeliveryEvent): DeliveryRefusal {
  if (attemptEnds.includes(event)) return 'not_sending';
  if (isSending(standing)) return 'sending';
  if (isEnded(standing)) return 'over';
  return event === 'release' ? 'not_held' : 'held';
}

/**
 * Where a delivery begins, by how it is born: waiting; sent at once, its first claim counted; dead, because its body could
 * not be made; or beside the one that it repeats, `hold` following where the task is disabled.
 */
export const DELIVERY_BIRTHS: Readonly<Record<DeliveryBirth, DeliveryStanding>> = {
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

/**
 * What one event makes of a delivery, or why it is refused. A claim counts the attempt; an interrupted attempt
 * is taken out of the round; a redeliver of an ended delivery starts a fresh round.
 */
export function moveDelivery(
  from: DeliveryPosition,
  event: DeliveryEvent,
  table: DeliveryTable = DELIVERY_TABLE,
): DeliveryMove {
  const standing = table[from.standing][event];
  if (standing === undefined) {
    const refused = explainRefusal(from.standing, event);
    return { moved: false, refused, detail: DELIVERY_REFUSALS[refused] };
  }
  const attemptCount = from.attemptCount + (event === 'claim' ? 1 : 0);
  return { moved: true, position: { standing, attemptCount, roundStart: startRound(from, event) } };
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
