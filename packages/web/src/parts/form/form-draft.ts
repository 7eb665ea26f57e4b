// What is typed into a form and not saved yet: kept as it is typed, without secrets, and offered on return.
import { useRef, useState } from 'react';
import { keyOfDraft, readDraft, writeDraft } from './draft-store.ts';

export interface DraftOptions<Values> {
  /** Of what, such as `output.7`. */
  readonly name: string;
  /** Takes out what must not be kept: secrets. */
  strip?(values: Values, initial: Values): Values;
  /** Lays what was kept over what the form begins with, where members do not just take each other's place. */
  restore?(kept: Values, initial: Values): Values;
  /** The labels of what was typed before, taken out, and not typed again. */
  lost?(values: Values): readonly string[];
  /** The values, where that is not waited for any more. */
  forgetLost?(values: Values): Values;
}

/** What a form was begun from: what the server had then. */
export interface FormBase<Values> {
  readonly values: Values;
  readonly version: string | undefined;
}

export interface FormDraft<Values> {
  /** What the form begins with. */
  readonly values: Values;
  /** When it was typed, epoch milliseconds, where it was found on return; else null. */
  readonly foundAt: number | null;
  readBase(): FormBase<Values>;
  /** It goes on from what the server has now. */
  rebase(base: FormBase<Values>): void;
  note(values: Values): void;
  forget(): void;
}

export function useFormDraft<Values extends Record<string, unknown>>(
  options: DraftOptions<Values> | undefined,
  initial: FormBase<Values>,
): FormDraft<Values> {
  const key = options === undefined ? null : keyOfDraft(options.name);
  const write = (values: Values, of = initial.values) =>
    JSON.stringify(options?.strip?.(values, of) ?? values);
  const [begun] = useState(() => {
    const kept = readDraft(key);
    if (kept === null || kept.text === write(initial.values))
      return { values: initial.values, at: null, base: initial };
    const read = (text: string) => restore(options, JSON.parse(text) as Values, initial.values);
    const base = kept.base && { values: read(kept.base.text), version: kept.base.version };
    return { values: read(kept.text), at: kept.at, base: base ?? initial };
  });
  const base = useRef(begun.base);
  const [foundAt, setFoundAt] = useState(begun.at);
  const forget = () => {
    writeDraft(key, null);
    setFoundAt(null);
  };
  return {
    values: begun.values,
    foundAt,
    readBase: () => base.current,
    rebase: (to) => (base.current = to),
    note(values) {
      if (key === null) return;
      const { values: from, version } = base.current;
      const [text, baseText] = [write(values, from), write(from, from)];
      if (text === baseText) forget();
      else writeDraft(key, { text, at: Date.now(), base: { text: baseText, version } });
      setFoundAt(null);
    },
    forget,
  };
}

/** Members that the form no longer has, or has in another form, stay behind. */
function restore<Values extends Record<string, unknown>>(
  options: DraftOptions<Values> | undefined,
  kept: Values,
  initial: Values,
): Values {
  if (options?.restore !== undefined) return options.restore(kept, initial);
  const known = Object.entries(kept).filter(
    ([name, value]) => Object.hasOwn(initial, name) && isAlike(value, initial[name]),
  );
  return { ...initial, ...Object.fromEntries(known) };
}

/** A number may stand as the text that was typed. */
function isAlike(value: unknown, other: unknown): boolean {
  if (Array.isArray(value) || Array.isArray(other)) return Array.isArray(value) && Array.isArray(other);
  return (typeof value === 'object') === (typeof other === 'object');
}
