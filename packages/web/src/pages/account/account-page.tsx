// My account: who I am here, and my password.
import { Paper, PasswordInput, Stack, Title } from '@mantine/core';
import { ownPasswordChange, personEndpoints } from '@flowhook/contract/person/person';
import { call } from '../../api/call.ts';
import { usePerson, useSession } from '../../api/session-store.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageButton } from '../../parts/page/page-link.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { sessionText, tokenText } from '../../text/session.ts';
import { shellText } from '../../text/shell.ts';

export default function AccountPage() {
  const { name, email, role } = usePerson();
  const { session } = useSession();
  const facts = [
    { label: sessionText.name, value: name },
    { label: sessionText.email, value: email },
    { label: sessionText.role, value: shellText.roles[role] },
    { label: sessionText.sessionEnds, value: <Moment at={session?.expiresAt} /> },
  ];
  const toTokens = (
    <PageButton to="/account/tokens" variant="default">
      {tokenText.title}
    </PageButton>
  );
  return (
    <PageFrame title={sessionText.accountTitle} width="form" actions={toTokens}>
      <FactList facts={facts} />
      <Paper withBorder p="md">
        <Stack>
          <Title order={2} size="h4">
            {sessionText.passwordTitle}
          </Title>
          <PasswordForm />
        </Stack>
      </Paper>
    </PageFrame>
  );
}

function PasswordForm() {
  const form = useContractForm({
    schema: ownPasswordChange,
    initialValues: { currentPassword: '', newPassword: '', repeated: '' },
    toBody: ({ repeated: _, ...body }) => body,
    check: ({ newPassword, repeated }) =>
      newPassword === repeated ? [] : [{ field: 'repeated', detail: sessionText.repeatDiffers }],
    submit: async (body) => {
      await call(personEndpoints.changeOwnPassword, { body });
      form.fields.reset();
      notifyDone(sessionText.passwordChanged);
    },
  });
  const { getInputProps } = form.fields;
  return (
    <ContractForm form={form} submitLabel={sessionText.changePassword}>
      <PasswordInput
        label={sessionText.currentPassword}
        autoComplete="current-password"
        {...getInputProps('currentPassword')}
      />
      <PasswordInput
        label={sessionText.newPassword}
        description={sessionText.newPasswordHint}
        autoComplete="new-password"
        {...getInputProps('newPassword')}
      />
      <PasswordInput
        label={sessionText.repeatPassword}
        autoComplete="new-password"
        {...getInputProps('repeated')}
      />
    </ContractForm>
  );
}
