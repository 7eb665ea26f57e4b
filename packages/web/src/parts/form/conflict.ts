// Pure: what two people have made of one thing, field by field. What only the other changed is taken, what both changed is asked.
import { partText } from '../../text/part.ts';
import { hasSame, takeFields } from './changed-member.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A thing as the server has it. */
export interface ThingNow<Values> {
  readonly values: Values;
  readonly version: string | undefined;
  readonly updatedAt: string;
  /** Null where the server itself, or somebody who is gone, changed it. */
  readonly updaterId: number | null;
}

/** How the fields of a thing are compared and shown. */
export interface FieldView<Values> {
  /** What people call the fields; one without a label is none of theirs. */
  readonly labels: Readonly<Partial<Record<keyof Values & string, string>>>;
  /** As a person reads what is no yes or no; JSON unless given. */
  show?(field: string, value: unknown): string;
  /** What of it counts; all of it unless given. */
  plain?(field: string, value: unknown): unknown;
  /** True where what the server has of it is not shown, and something else was typed: nobody knows whether both changed it. */
  isHidden?(field: string, mine: Values): boolean;
}

export interface Conflict {
  readonly field: string;
  readonly label: string;
  /** As a person reads them; null where it is not shown. */
  readonly there: string | null;
  readonly yours: string | null;
}

export interface Merge<Values> {
  /** Mine, and what only the other changed. */
  readonly values: Values;
  /** Labels of what only the other changed. */
  readonly taken: readonly string[];
  readonly conflicts: readonly Conflict[];
}

/** `base` is what both began with. */
export function mergeChanges<Values extends Fields>(
  { base, theirs, mine }: { readonly base: Values; readonly theirs: Values; readonly mine: Values },
  view: FieldView<Values>,
): Merge<Values> {
  const isSame = (field: string, a: Values, b: Values) => hasSame(view, field, a, b);
  const changed = Object.keys(theirs).filter(
    (field) => !isSame(field, theirs, base) || view.isHidden?.(field, mine) === true,
  );
  const both = changed.filter((field) => !isSame(field, mine, base) && !isSame(field, mine, theirs));
  const taken = changed.filter((field) => isSame(field, mine, base) && !isSame(field, theirs, base));
  const label = (field: string) => (view.labels as Readonly<Record<string, string>>)[field];
  return {
    values: takeFields(mine, theirs, taken),
    taken: taken.flatMap((field) => label(field) ?? []),
    conflicts: both.map((field) => {
      const hidden = view.isHidden?.(field, mine) === true;
      const show = (values: Values) => (hidden ? null : showValue(view, field, values[field]));
      return { field, label: label(field) ?? field, there: show(theirs), yours: show(mine) };
    }),
  };
}

function showValue<Values>(view: FieldView<Values>, field: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? partText.yes : partText.no;
  if (view.show !== undefined) return view.show(field, value);
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}
