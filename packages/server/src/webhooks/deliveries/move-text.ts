// Pure: a column of the table of states as SQL text: which rows an event moves, and what it writes to each.
import {
  deliveryStandings,
  deliveryTable,
  isEnded,
  isSending,
  meaningOfDue,
  roundAfter,
  standingColumns,
  stateOf,
  type DeliveryEvent,
  type DeliveryStanding,
  type DeliveryState,
} from './delivery-state.ts';

/** What the texts leave open, each written `:word`. */
export const moveWords = ['now', 'due', 'lease', 'node', 'reason'] as const;
export type MoveWord = (typeof moveWords)[number];

/** One way through an event: the rows that take it, as a condition on `deliveries`, from where and where to. */
interface Branch {
  readonly when: string;
  readonly from: DeliveryStanding;
  readonly to: DeliveryStanding;
}

/** What an event writes, as the assignments of an update. Where it moves nothing they change nothing. */
export function writeSets(event: DeliveryEvent, holdsWhere: string | null): string {
  const branches = branchesOf(event, holdsWhere);
  if (branches.length === 0) return 'state = deliveries.state';
  return Object.entries(columns)
    .map(([column, value]) => `${column} = ${writeCase(branches, (branch) => value(branch, event))}`)
    .join(', ');
}

/**
 * `holdsWhere` is a condition under which what goes back to waiting is held at once: the event and then `hold`, in one
 * statement.
 */
function branchesOf(event: DeliveryEvent, holdsWhere: string | null): Branch[] {
  return deliveryStandings.flatMap((from) => {
    const to = deliveryTable[from][event];
    if (to === undefined) return [];
    const when = whereStanding([from]);
    const held = deliveryTable[to].hold;
    if (holdsWhere === null || held === undefined) return [{ when, from, to }];
    return [
      { when: `${when} and ${holdsWhere}`, from, to: held },
      { when, from, to },
    ];
  });
}

/** What each column becomes on a branch. */
const columns: Readonly<Record<string, (branch: Branch, event: DeliveryEvent) => string>> = {
  state: ({ to }) => `'${standingColumns[to].state}'`,
  held: ({ to }) => String(standingColumns[to].held),
  held_for_crashes: ({ to }) => String(standingColumns[to].held_for_crashes),
  cancel_requested: ({ to }) => String(standingColumns[to].cancel_requested),
  due_at: ({ from, to }) => {
    const meaning = meaningOfDue(to);
    if (meaning === 'attempt') return ':due';
    return meaning === null ? 'null' : isSending(from) ? 'deliveries.due_at' : ':lease';
  },
  lease_node: ({ from, to }) => {
    if (!isSending(to)) return 'null';
    return isSending(from) ? 'deliveries.lease_node' : ':node';
  },
  attempt_count: (_, event) =>
    event === 'claim' ? 'deliveries.attempt_count + 1' : 'deliveries.attempt_count',
  round_start: ({ from }, event) =>
    ({
      same: 'deliveries.round_start',
      longer: 'deliveries.round_start + 1',
      fresh: 'deliveries.attempt_count',
    })[roundAfter(from, event)],
  // The first who asked for the end is who ended it.
  end_reason: ({ from, to }) => {
    if (to === 'dead') return ':reason';
    if (to === 'canceled' || to === 'stopping')
      return from === 'stopping' ? 'deliveries.end_reason' : ':reason';
    return 'null';
  },
  ended_at: ({ to }) => (isEnded(to) ? ':now' : 'null'),
  updated_at: () => ':now',
};

function writeCase(branches: readonly Branch[], value: (branch: Branch) => string): string {
  const values = branches.map(value);
  if (new Set(values).size === 1) return values[0]!;
  const whens = branches.map(({ when }, index) => `when ${when} then ${values[index]!}`);
  return `case ${whens.join(' ')} end`;
}

/** Which rows an event moves, as a condition on `deliveries`. */
export function whereMoves(event: DeliveryEvent): string {
  return whereStanding(deliveryStandings.filter((from) => deliveryTable[from][event] !== undefined));
}

/** Which rows have one of these standings: a condition for each state, so that its partial indexes are used. */
function whereStanding(standings: readonly DeliveryStanding[]): string {
  const states = [...new Set(standings.map(stateOf))];
  const parts = states.map((state) =>
    whereState(
      state,
      standings.filter((one) => stateOf(one) === state),
    ),
  );
  if (parts.length === 0) return '1 = 0';
  return parts.length === 1 ? parts[0]! : `(${parts.map((part) => `(${part})`).join(' or ')})`;
}

function whereState(state: DeliveryState, standings: readonly DeliveryStanding[]): string {
  const isState = `deliveries.state = '${state}'`;
  const all = deliveryStandings.filter((one) => stateOf(one) === state);
  if (standings.length === all.length) return isState;
  const parts = standings.map((one) => whereFlags(one, all));
  const either = parts.length === 1 ? parts[0]! : `(${parts.map((part) => `(${part})`).join(' or ')})`;
  return `${isState} and ${either}`;
}

const flags = ['held', 'held_for_crashes', 'cancel_requested'] as const;

/** Only the flags in which the standings of a state differ. */
function whereFlags(standing: DeliveryStanding, all: readonly DeliveryStanding[]): string {
  const telling = flags.filter((flag) => new Set(all.map((one) => standingColumns[one][flag])).size > 1);
  return telling.map((flag) => `deliveries.${flag} = ${standingColumns[standing][flag]}`).join(' and ');
}
