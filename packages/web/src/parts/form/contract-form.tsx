// The frame of a form: its fields, its buttons, and beside these what the server refused.
import { Anchor, Box, Button, Group, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';
import { partText } from '../../text/part.ts';
import { formatMoment } from '../time/format.ts';
import { ProblemAlert } from '../page/problem-alert.tsx';
import classes from './contract-form.module.css';
import { findFault, type ContractForm as FormState } from './use-contract-form.ts';

const ConflictView = lazy(() => import('./conflict-view.tsx'));

interface ContractFormProps {
  // oxlint-disable-next-line typescript/no-explicit-any -- The frame looks into no value.
  readonly form: FormState<any>;
  readonly submitLabel: string;
  onCancel?(): void;
  /** More buttons, left of the usual ones. */
  readonly moreActions?: ReactNode;
  readonly label?: string;
  /** The buttons stay in sight while a long form is scrolled. */
  readonly fixedFooter?: boolean;
  readonly children: ReactNode;
}

export function ContractForm(props: ContractFormProps) {
  const { form, submitLabel, onCancel, moreActions, label, fixedFooter = false, children } = props;
  const { pending, onSubmit } = form;
  return (
    <form onSubmit={onSubmit} noValidate {...(label !== undefined && { 'aria-label': label })}>
      <Stack>
        <DraftLine form={form} />
        <LostLine form={form} />
        {children}
        <Stack gap="xs" className={fixedFooter ? (classes['footer'] ?? '') : ''}>
          <Refusal form={form} />
          <Group justify="flex-end" gap="xs">
            {moreActions}
            {onCancel !== undefined && (
              <Button variant="default" onClick={onCancel}>
                {partText.cancel}
              </Button>
            )}
            <Button type="submit" loading={pending}>
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </Stack>
    </form>
  );
}

/** Above the button that was pressed; the focus goes to the field at fault, or where it has none, here. */
function Refusal({ form: { fields, problem, pathOf, conflict, pending } }: Pick<ContractFormProps, 'form'>) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem === null && conflict === null) return;
    const form = box.current?.closest('form');
    ((form && findFault(form)) ?? box.current)?.focus();
  }, [problem, conflict]);
  if (conflict !== null)
    return (
      <Box ref={box} tabIndex={-1} className={classes['conflict'] ?? ''}>
        <Suspense fallback={null}>
          <ConflictView conflict={conflict} pending={pending} />
        </Suspense>
      </Box>
    );
  if (problem === null) return null;
  const hasField = (field: string) => fields.getInputNode(pathOf(field)) !== null;
  return (
    <Box ref={box} tabIndex={-1}>
      <ProblemAlert problem={problem} shownElsewhere={hasField} />
    </Box>
  );
}

/** What stands in the form was typed before and never saved. */
function DraftLine({ form: { draftAt, discardDraft } }: Pick<ContractFormProps, 'form'>) {
  if (draftAt === null) return null;
  return (
    <Text size="sm" role="status">
      {partText.draftOf(formatMoment(draftAt))}
      {' · '}
      <Anchor component="button" type="button" size="sm" onClick={discardDraft}>
        {partText.discardDraft}
      </Anchor>
    </Text>
  );
}

/** Nothing is sent without it until this is said. */
function LostLine({ form: { lost, forgetLost } }: Pick<ContractFormProps, 'form'>) {
  if (lost.length === 0) return null;
  return (
    <Text size="sm" role="status">
      {partText.secretsNotKept(lost.join(', '))}
      {' · '}
      <Anchor component="button" type="button" size="sm" onClick={forgetLost}>
        {partText.withoutSecrets}
      </Anchor>
    </Text>
  );
}
