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

export interface NextStateText<State extends string, Event extends string> {
  /** SQL that gives a row's state. */
  readonly state: string;
  /** The event, or the column of a batch that has it. */
  readonly event: Event | { readonly column: string };
  /** The states that count; all unless given. */
  readonly next?: readonly State[];
  /** What is written for a state, where it is not its own name. */
  columnOf?(state: State): string;
}

/** SQL that gives what an event makes of a row; null where it is refused, or where it leads to none of `next`. */
export function nextStateText<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  { state, event, next, columnOf = (to) => to }: NextStateText<State, Event>,
): string {
  const after = (name: Event): string => {
    const ways = Object.entries<Readonly<Record<Event, State | null>>>(table)
      .map(([from, row]) => ({ from, to: row[name] }))
      .filter(
        (way): way is { from: string; to: State } => way.to !== null && (next?.includes(way.to) ?? true),
      );
    // One condition for each that is written: the database tries them one after the other, row by row.
    const cases = [...Map.groupBy(ways, ({ to }) => columnOf(to))].map(([column, those]) => {
      const from = those.map((way) => way.from);
      return `when ${isInText(state, from)} then '${column}'`;
    });
    return cases.length === 0 ? 'null' : `case ${cases.join(' ')} end`;
  };
  if (typeof event === 'string') return after(event);
  const [row] = Object.values<Readonly<Record<Event, State | null>>>(table);
  const events = Object.keys(row ?? {}).map((name) => `when '${name}' then ${after(name as Event)}`);
  return `case ${event.column} ${events.join(' ')} end`;
}

/** SQL that is true for a row in one of these states. */
export function isInText(state: string, states: readonly string[]): string {
  return states.length === 0 ? 'false' : `(${state}) in (${states.map((each) => `'${each}'`).join(', ')})`;
}
