// Pure: the table of a state machine, and the SQL that is made of it.

/** The next state by state and event; null where the event is refused. */
export type StateTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, State | null>>>
>;

/** The states in which an event is not refused; with `next`, those that it leads to one of these. */
export function statesBefore<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  event: Event,
  next?: readonly State[],
): State[] {
  return Object.entries<Readonly<Record<Event, State | null>>>(table)
    .filter(([, row]) => row[event] !== null && (next?.includes(row[event]) ?? true))
    .map(([state]) => state as State);
}

export interface NextStateText<State extends string> {
  /** SQL that gives a row's state. */
  readonly state: string;
  /** SQL that gives the event: a literal, or the column of a batch. */
  readonly event: string;
  /** The states that count; all unless given. */
  readonly next?: readonly State[];
  /** What is written for a state, where it is not its own name. */
  columnOf?(state: State): string;
}

/** SQL that gives what an event makes of a row; null where it is refused, or where it leads to none of `next`. */
export function nextStateText<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  { state, event, next, columnOf = (to) => to }: NextStateText<State>,
): string {
  const cases = Object.entries<Readonly<Record<Event, State | null>>>(table).flatMap(([from, row]) =>
    Object.entries<State | null>(row)
      .filter(([, to]) => to !== null && (next?.includes(to) ?? true))
      .map(([name, to]) => `when '${from} ${name}' then '${columnOf(to!)}'`),
  );
  return `case (${state}) || ' ' || (${event}) ${cases.join(' ')} end`;
}

/** SQL that is true for a row in one of these states. */
export function isInText(state: string, states: readonly string[]): string {
  return states.length === 0 ? 'false' : `(${state}) in (${states.map((each) => `'${each}'`).join(', ')})`;
}
