// What is saved in a form is held to the version that it was begun from; a change by somebody else is merged, or asked about.
import type { UseFormReturnType } from '@mantine/form';
import { useEffect, useRef, useState } from 'react';
import { readSession } from '../../api/session-store.ts';
import { isOutdated, versionOf } from '../../api/version.ts';
import { notifyDone } from '../page/notice.ts';
import { hasSame, takeFields } from './changed-member.ts';
import type { FieldView, Merge, ThingNow } from './conflict.ts';
import type { OpenConflict, Sides } from './conflict-view.tsx';
import type { FormBase, FormDraft } from './form-draft.ts';

interface HeldThing<Values> extends FieldView<Values> {
  readonly version: string | undefined;
  readonly flowId?: number;
  read(): Promise<ThingNow<Values>>;
}

interface HeldForm<Values extends Record<string, unknown>> {
  readonly thing: HeldThing<Values> | undefined;
  readonly draft: FormDraft<Values>;
  readonly initialValues: Values;
  readonly fields: UseFormReturnType<Values>;
  /** Sends the values as a change of what they were begun from. */
  submit(values: Values, base: FormBase<Values>): Promise<unknown>;
  /** Sends what was chosen. */
  resend(values: Values): void;
}

/** More people than that do not change one thing within a second. */
const maxTries = 5;

export function useHeldForm<Values extends Record<string, unknown>>(form: HeldForm<Values>) {
  const { thing, draft, initialValues, fields } = form;
  const [conflict, setConflict] = useState<OpenConflict | null>(null);
  const begin = (base: FormBase<Values>, values = base.values) => {
    setConflict(null);
    draft.rebase(base);
    fields.setValues(values);
  };
  const version = thing?.version;
  const shown = useRef(version);
  // What nobody has typed into shows what is there now.
  useEffect(() => {
    if (shown.current === version || conflict !== null) return;
    shown.current = version;
    const base = draft.readBase();
    if (JSON.stringify(fields.getValues()) === JSON.stringify(base.values))
      begin({ values: initialValues, version });
    // oxlint-disable-next-line react/exhaustive-deps -- Only another version is looked at.
  }, [version]);

  /** `saved`, or `asked` where both have changed the same. */
  async function submit(given: Values): Promise<'saved' | 'asked'> {
    setConflict(null);
    let values = given;
    const taken = new Set<string>();
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await form.submit(values, draft.readBase());
        draft.rebase({ values, version: versionOf(answer) });
        if (tries > 1) await tellTaken(taken);
        return 'saved';
      } catch (error) {
        if (thing === undefined || !isOutdated(error) || tries === maxTries) throw error;
      }
      const now = await thing.read();
      const merge = await mergeWith(thing, now, { base: draft.readBase().values, mine: values });
      if (merge.conflicts.length > 0) {
        ask(thing, now, merge);
        return 'asked';
      }
      if (!isOwn(now)) for (const label of merge.taken) taken.add(label);
      values = merge.values;
      begin(now, values);
    }
  }

  function ask(
    of: HeldThing<Values>,
    now: ThingNow<Values>,
    { taken, conflicts }: Pick<Merge<Values>, 'taken' | 'conflicts'>,
  ): void {
    const { updatedAt, updaterId } = now;
    const choose: OpenConflict['choose'] = (sides) => void settle(of, now, sides);
    setConflict({ conflicts, taken, updatedAt, updaterId, flowId: of.flowId, choose });
  }

  /** What is typed beside the question counts as well. */
  async function settle(of: HeldThing<Values>, now: ThingNow<Values>, sides: Sides): Promise<void> {
    const mine = fields.getValues();
    const merge = await mergeWith(of, now, { base: draft.readBase().values, mine });
    if (merge.conflicts.some(({ field }) => sides[field] === undefined)) return ask(of, now, merge);
    const given = merge.conflicts.flatMap(({ field }) => (sides[field] === 'theirs' ? [field] : []));
    const chosen = takeFields(merge.values, now.values, given);
    begin(now, chosen);
    const differs = Object.keys(chosen).some((field) => !hasSame(of, field, chosen, now.values));
    if (differs) form.resend(chosen);
    else await settleForTheirs(draft);
  }

  return { conflict, begin, submit };
}

/** What only one has changed needs no question: the code for it comes when it is needed. */
async function mergeWith<Values extends Record<string, unknown>>(
  thing: FieldView<Values>,
  { values: theirs }: ThingNow<Values>,
  { base, mine }: { readonly base: Values; readonly mine: Values },
): Promise<Merge<Values>> {
  const { mergeChanges } = await import('./conflict.ts');
  return mergeChanges({ base, theirs, mine }, thing);
}

async function tellTaken(labels: ReadonlySet<string>): Promise<void> {
  if (labels.size === 0) return;
  const { conflictText } = await import('../../text/conflict.ts');
  notifyDone(conflictText.taken([...labels].join(', ')));
}

async function settleForTheirs(draft: Pick<FormDraft<never>, 'forget'>): Promise<void> {
  draft.forget();
  const { conflictText } = await import('../../text/conflict.ts');
  notifyDone(conflictText.tookTheirs);
}

function isOwn({ updaterId }: ThingNow<unknown>): boolean {
  return updaterId !== null && updaterId === readSession().session?.person.id;
}
