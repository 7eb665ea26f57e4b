// The life of a delivery as a model: what the real statements did to a row is held against a table of states.
import type { Selectable } from 'kysely';
import type { Schema } from '../src/db/schema.ts';
import {
  deliveryRefusals,
  isEnded,
  meaningOfDue,
  moveDelivery,
  readStanding,
  stateOf,
  type DeliveryEvent,
  type DeliveryPosition,
  type DeliveryRefusal,
  type DeliveryStanding,
  type DeliveryTable,
} from '../src/webhooks/deliveries/delivery-state.ts';

export type DeliveryRow = Selectable<Schema['deliveries']>;

/** One event at one row, as it was seen. */
export interface Step {
  /** The way in which the event came about, for messages. */
  readonly way: string;
  readonly event: DeliveryEvent;
  readonly before: DeliveryRow;
  readonly after: DeliveryRow;
  /** Whether the task was enabled when it happened. */
  readonly enabled: boolean;
  /** What was said to whoever asked: a refusal, or nothing. Undefined where nobody is told. */
  readonly said: string | null | undefined;
  /** Whether what is due again is claimed in the same transaction. */
  readonly claims: boolean;
  /** What the row says of its end, where the event ends it. */
  readonly reason: string | null;
  /** The database's time afterwards, epoch milliseconds. */
  readonly now: number;
  readonly nodeId: number;
}

/** Events after which a delivery waits for its task again: `hold` follows where that is disabled. */
export const goBack: readonly DeliveryEvent[] = ['retry', 'interrupt', 'redeliver'];

export function standingOf(row: DeliveryRow): DeliveryStanding {
  return readStanding(row);
}

function positionOf(row: DeliveryRow): DeliveryPosition {
  return { standing: standingOf(row), attemptCount: row.attempt_count, roundStart: row.round_start };
}

/** How a step differs from what the table says; empty where it does not. */
export function judgeStep(step: Step, table: DeliveryTable): string[] {
  const move = moveDelivery(positionOf(step.before), step.event, table);
  const differences = move.moved
    ? judgeMove(step, follow(step, move.position, table))
    : judgeRefusal(step, deliveryRefusals[refusalOf(standingOf(step.before), step.event)]);
  const from = `${standingOf(step.before)}, ${step.event} (${step.way}), task ${step.enabled ? 'enabled' : 'disabled'}`;
  return differences.map((difference) => `${from}: ${difference}`);
}

/** What follows the event in the same transaction. */
function follow(step: Step, position: DeliveryPosition, table: DeliveryTable): DeliveryPosition {
  const then = (from: DeliveryPosition, event: DeliveryEvent) => {
    const move = moveDelivery(from, event, table);
    return move.moved ? move.position : from;
  };
  const isHeld = goBack.includes(step.event) && !step.enabled;
  const waiting = isHeld ? then(position, 'hold') : position;
  return step.claims ? then(waiting, 'claim') : waiting;
}

/** Why it is refused, said here once more: a reason that is taken for another one is caught. */
function refusalOf(standing: DeliveryStanding, event: DeliveryEvent): DeliveryRefusal {
  if (['succeed', 'retry', 'give_up', 'interrupt', 'crash'].includes(event)) return 'not_sending';
  if (['sending', 'stopping'].includes(standing)) return 'sending';
  if (['delivered', 'dead', 'canceled'].includes(standing)) return 'over';
  return event === 'release' ? 'not_held' : 'held';
}

/** Where the round begins afterwards, said here once more. */
function roundOf({ event, before }: Step): number {
  if (event === 'interrupt' || event === 'crash') return before.round_start + 1;
  const begins = ['delivered', 'dead', 'canceled', 'held_for_crashes'].includes(standingOf(before));
  return event === 'redeliver' && begins ? before.attempt_count : before.round_start;
}

function judgeRefusal({ before, after, said }: Step, detail: string): string[] {
  // What comes back late has ended no process: that it clears the delivery says nothing of where it stands.
  const cleared = { ...before, crashes_in_row: said === detail ? 0 : before.crashes_in_row };
  return [
    ...(after.crashes_in_row === cleared.crashes_in_row
      ? compare('row', after, cleared)
      : compare('row', after, before)),
    ...(said === undefined ? [] : compare('refusal', said, detail)),
  ];
}

function judgeMove(step: Step, expected: DeliveryPosition): string[] {
  const { after, before, said } = step;
  const { standing } = expected;
  const ended = isEnded(standing);
  return [
    ...compare('position', positionOf(after), expected),
    ...compare('round', after.round_start, roundOf(step)),
    ...compare('state', after.state, stateOf(standing)),
    ...compare('held', after.held, standing.startsWith('held') ? 1 : 0),
    ...compare('held_for_crashes', after.held_for_crashes, standing === 'held_for_crashes' ? 1 : 0),
    ...compare('cancel_requested', after.cancel_requested, standing === 'stopping' ? 1 : 0),
    ...compare('due_at', describeDue(step, after), describeDueOf(step, standing)),
    ...compare('lease_node', after.lease_node, meaningOfDue(standing) === 'lease' ? step.nodeId : null),
    ...compare('ended_at is given', after.ended_at !== null, ended),
    ...compare('end_reason', after.end_reason, reasonOf(step, standing)),
    ...compare('refusal', said ?? null, null),
    ...(after.updated_at > before.updated_at ? [] : ['the row was not written']),
  ];
}

/** When it is due: now, later, or nothing. */
function describeDue({ now }: Step, { due_at: dueAt }: DeliveryRow): string | null {
  if (dueAt === null) return null;
  return dueAt <= now ? 'now' : 'later';
}

function describeDueOf({ event, claims }: Step, standing: DeliveryStanding): string | null {
  const meaning = meaningOfDue(standing);
  if (meaning === null) return null;
  if (meaning === 'lease') return 'later';
  return event === 'retry' || (event === 'interrupt' && !claims) ? 'later' : 'now';
}

/** A mark says why it was set, and what it ends says the same. */
function reasonOf({ before, reason, event }: Step, standing: DeliveryStanding): string | null {
  if (standing === 'dead') return reason;
  if (standing !== 'canceled' && standing !== 'stopping') return null;
  return event === 'cancel' && before.state !== 'sending' ? reason : (before.end_reason ?? reason);
}

function compare(what: string, actual: unknown, expected: unknown): string[] {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  return is === should ? [] : [`${what} is ${is}, should be ${should}`];
}
