// A dialog with a form: what was typed into it goes neither by a click beside it nor, unasked, by Escape.
import { Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { partText } from '../../text/part.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { ContractForm as FormState } from './use-contract-form.ts';

interface FormDialogProps {
  // oxlint-disable-next-line typescript/no-explicit-any -- The frame looks into no value.
  readonly form: FormState<any>;
  readonly title: string;
  readonly size?: string;
  onClose(): void;
  readonly children: ReactNode;
}

export function FormDialog({ form, title, size, onClose, children }: FormDialogProps) {
  const [asking, setAsking] = useState(false);
  const isTyped = form.fields.isDirty();
  return (
    <>
      <Modal
        opened
        onClose={() => (isTyped ? setAsking(true) : onClose())}
        closeOnClickOutside={!isTyped}
        closeOnEscape={!asking}
        title={title}
        closeButtonProps={{ 'aria-label': partText.close }}
        {...(size !== undefined && { size })}
      >
        {children}
      </Modal>
      {asking && (
        // Mounted only then: it would hear the key that opened it, and close again.
        <ConfirmDialog
          opened
          title={partText.loseTitle}
          confirmLabel={partText.lose}
          onConfirm={onClose}
          onClose={() => setAsking(false)}
        >
          {partText.loseDetail}
        </ConfirmDialog>
      )}
    </>
  );
}
