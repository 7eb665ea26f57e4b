// A form over a schema of the contract: checked by it, sent by a change, with the server's faults at their fields.
import { useForm } from '@mantine/form';
import { useState } from 'react';
import type { z } from 'zod';
import { describeIssues } from '@flowhook/contract/problem';
import type { Problem, FieldFault } from '@flowhook/client/problem';
import { toProblem } from '../../api/api-problem.ts';
import { holdTo } from '../../api/version.ts';
import { pickChanged } from './changed-member.ts';
import type { FieldView, ThingNow } from './conflict.ts';
import { useFormDraft, type DraftOptions } from './form-draft.ts';
import { toErrors, toFormPath, type FieldNames } from './form-fault.ts';
import { useHeldForm } from './use-held-form.ts';

/** A thing that is there already: a change by somebody else is not written over unseen. */
export interface FormThing<Values> extends FieldView<Values> {
  /** Of what the form begins with. */
  readonly version: string | undefined;
  /** Whose people may change it. */
  readonly flowId?: number;
  /** The body of a change, of both as they are whole; the members that differ unless given. */
  pick?(before: object, after: object): object;
  read(): Promise<ThingNow<Values>>;
}

interface ContractFormOptions<Values extends Record<string, unknown>, Schema extends z.ZodType> {
  readonly initialValues: Values;
  /** What the body must be. */
  readonly schema: Schema;
  /** Makes the body of the values; the values themselves unless given. */
  toBody?(values: Values): z.input<Schema>;
  /** What only the page knows to be wrong, by field. */
  check?(values: Values): readonly FieldFault[];
  /** Fields that the form has no input for, but another that stands for them: `{secretKey: 'secret'}`. */
  readonly fieldOf?: FieldNames | ((values: Values) => FieldNames);
  /** What is typed is kept in the tab until it is saved. */
  readonly draft?: DraftOptions<Values>;
  /** What is changed, where nothing new is made. */
  readonly thing?: FormThing<Values> | undefined;
  /** Sends it; throws a Problem. `held` belongs to the call that changes the thing; what that answers is given back. */
  submit(body: z.input<Schema>, values: Values, held: Held): Promise<unknown>;
}

type Held = ReturnType<typeof holdTo>;

export type ContractForm<Values extends Record<string, unknown>> = ReturnType<
  typeof useContractForm<Values, z.ZodType>
>;

export function useContractForm<Values extends Record<string, unknown>, Schema extends z.ZodType>(
  options: ContractFormOptions<Values, Schema>,
) {
  const { schema, toBody, check, fieldOf = {}, thing } = options;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [pending, setPending] = useState(false);
  const namesFor = (values: Values) => (typeof fieldOf === 'function' ? fieldOf(values) : fieldOf);
  const makeBody = (values: Values) => toBody?.(values) ?? (values as unknown as z.input<Schema>);
  const draft = useFormDraft(options.draft, { values: options.initialValues, version: thing?.version });
  const fields = useForm<Values>({
    initialValues: draft.values,
    onValuesChange: draft.note,
    validate: (values) => {
      const parsed = schema.safeParse(makeBody(values));
      const faults = parsed.success ? [] : describeIssues(parsed.error);
      return toErrors([...faults, ...(check?.(values) ?? [])], namesFor(values));
    },
  });
  const held = useHeldForm({
    thing,
    draft,
    initialValues: options.initialValues,
    fields,
    submit: (values, base) => {
      const whole = makeBody(values);
      if (thing === undefined) return options.submit(whole, values, {});
      const { pick = pickChanged } = thing;
      const body = pick(makeBody(base.values) as object, whole as object);
      return options.submit(body as z.input<Schema>, values, holdTo(base.version));
    },
    resend: (values) => void send(values),
  });

  async function send(values: Values): Promise<void> {
    setPending(true);
    setProblem(null);
    try {
      if ((await held.submit(values)) === 'saved') draft.forget();
    } catch (error) {
      const told = toProblem(error);
      setProblem(told);
      fields.setErrors(toErrors(told.faults, namesFor(values)));
    } finally {
      setPending(false);
    }
  }

  return {
    fields,
    problem,
    pending,
    /** What both this person and another have changed; null for nothing. */
    conflict: held.conflict,
    /** For `<form onSubmit>`; goes to the first field at fault where there is one. */
    onSubmit: fields.onSubmit((values) => void send(values), focusFirstFault),
    /** When what stands in it was typed, where it was found on return; else null. */
    draftAt: draft.foundAt,
    discardDraft() {
      held.begin({ values: options.initialValues, version: thing?.version });
      fields.clearErrors();
      draft.forget();
    },
    /** The labels of secrets that the draft had and does not keep. */
    lost: options.draft?.lost?.(fields.getValues()) ?? [],
    forgetLost() {
      const values = fields.getValues();
      fields.setValues(options.draft?.forgetLost?.(values) ?? values);
      fields.clearErrors();
    },
    /** The path of the input that stands for a field of the contract. */
    pathOf: (field: string) => toFormPath(field, namesFor(fields.getValues())),
    clearProblem: () => setProblem(null),
  };
}

function focusFirstFault(): void {
  // The inputs are marked in the render that follows.
  requestAnimationFrame(() => findFault(document)?.focus());
}

/** The first field that is marked as wrong. */
export function findFault(within: ParentNode): HTMLElement | null {
  return within.querySelector<HTMLElement>('[aria-invalid="true"]');
}
