// Sets a new password for somebody else.
import { PasswordInput, Stack, Text } from '@mantine/core';
import { passwordReset, personEndpoints } from '@flowhook/contract/person/person';
import { useChange } from '../../../api/query.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { FormDialog } from '../../../parts/form/form-dialog.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { personText } from '../../../text/person.ts';
import type { ListedPerson } from './listed-person.ts';

interface ResetPasswordDialogProps {
  readonly person: ListedPerson;
  onClose(): void;
}

export default function ResetPasswordDialog({ person: { id, name }, onClose }: ResetPasswordDialogProps) {
  const reset = useChange(personEndpoints.resetPassword, { refreshes: ['/v4/auditLog'] });
  const form = useContractForm({
    schema: passwordReset,
    initialValues: { newPassword: '' },
    submit: async (body) => {
      await reset.mutateAsync({ params: { id }, body });
      notifyDone(personText.wasReset(name));
      onClose();
    },
  });
  return (
    <FormDialog form={form} onClose={onClose} title={personText.resetTitle(name)}>
      <Stack>
        <Text size="sm">{personText.resetDetail}</Text>
        <ContractForm form={form} submitLabel={personText.reset} onCancel={onClose}>
          <PasswordInput
            label={personText.newPassword}
            description={personText.newPasswordHint}
            autoComplete="new-password"
            data-autofocus
            {...form.fields.getInputProps('newPassword')}
          />
        </ContractForm>
      </Stack>
    </FormDialog>
  );
}
