// The frame of a form: its fields, what the server refused, and its buttons.
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { partText } from '../../text/part.ts';
import { formatMoment } from '../time/format.ts';
import { ProblemAlert } from '../page/problem-alert.tsx';
import type { ContractForm as FormState } from './use-contract-form.ts';

interface ContractFormProps {
  // oxlint-disable-next-line typescript/no-explicit-any -- The frame looks into no value.
  readonly form: FormState<any>;
  readonly submitLabel: string;
  onCancel?(): void;
  /** More buttons, left of the usual ones. */
  readonly moreActions?: ReactNode;
  readonly label?: string;
  readonly children: ReactNode;
}

export function ContractForm(props: ContractFormProps) {
  const { form, submitLabel, onCancel, moreActions, label, children } = props;
  const { fields, problem, pending, pathOf, onSubmit } = form;
  const hasField = (field: string) => fields.getInputNode(pathOf(field)) !== null;
  return (
    <form onSubmit={onSubmit} noValidate {...(label !== undefined && { 'aria-label': label })}>
      <Stack>
        <DraftLine form={form} />
        {problem !== null && <ProblemAlert problem={problem} shownElsewhere={hasField} />}
        {children}
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
    </form>
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
