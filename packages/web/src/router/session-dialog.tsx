// Lies over the page when the session has ended: whoever signs in again goes on where they were.
import { Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { sessionCreate, sessionEndpoints } from '@flowhook/contract/session';
import { call } from '../api/call.ts';
import { noteSignedIn, type Person } from '../api/session-store.ts';
import { ContractForm } from '../parts/contract-form.tsx';
import { useContractForm } from '../parts/use-contract-form.ts';
import { sessionText } from '../text/session.ts';

export default function SessionDialog({ person }: { readonly person: Person }) {
  const form = useContractForm({
    schema: sessionCreate,
    initialValues: { email: person.email, password: '' },
    submit: async (body) => {
      const session = await call(sessionEndpoints.create, { body });
      // What is on the page is the first person's.
      if (session.person.id === person.id) noteSignedIn(session);
      else location.reload();
    },
  });
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={sessionText.endedTitle}
      zIndex={1000}
    >
      <Stack>
        <Text size="sm">{sessionText.endedDetail}</Text>
        <ContractForm form={form} submitLabel={sessionText.signIn}>
          <TextInput
            label={sessionText.email}
            type="email"
            autoComplete="username"
            {...form.fields.getInputProps('email')}
          />
          <PasswordInput
            label={sessionText.password}
            autoComplete="current-password"
            data-autofocus
            {...form.fields.getInputProps('password')}
          />
        </ContractForm>
      </Stack>
    </Modal>
  );
}
