// Lies over the page when the session has ended: whoever signs in again goes on where they were.
import { Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useEffect } from 'react';
import { sessionCreate, sessionEndpoints } from '@flowhook/contract/person/session';
import { signInEndpoints } from '@flowhook/contract/person/sign-in';
import type { AnswerOf } from '@flowhook/client/call-input';
import { call } from '../api/call.ts';
import { useEndpoint } from '../api/query.ts';
import { listenForSignIn } from '../api/session-call.ts';
import { noteSignedIn, type Person } from '../api/session-store.ts';
import { SignInWays } from '../pages/session/sign-in-way.tsx';
import { ContractForm } from '../parts/form/contract-form.tsx';
import { useContractForm } from '../parts/form/use-contract-form.ts';
import { sessionText } from '../text/session.ts';

/** Where a second window ends; this one has the form that must not be lost. */
const landing = '/signed-in';

export default function SessionDialog({ person }: { readonly person: Person }) {
  const ways = useEndpoint(signInEndpoints.ways, {});
  useOtherWindows(person);
  const mayUsePassword = ways.data?.passwords !== 'administrators' || person.role === 'administrator';
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
        {ways.data !== undefined && (
          <SignInWays ways={ways.data} next={landing} inNewWindow withPassword={mayUsePassword} />
        )}
        {mayUsePassword && <PasswordForm person={person} />}
      </Stack>
    </Modal>
  );
}

function PasswordForm({ person }: { readonly person: Person }) {
  const form = useContractForm({
    schema: sessionCreate,
    initialValues: { email: person.email, password: '' },
    submit: async (body) => goOn(await call(sessionEndpoints.create, { body }), person),
  });
  return (
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
  );
}

/** What is on the page is the first person's. */
function goOn(session: AnswerOf<typeof sessionEndpoints.get>, person: Person): void {
  if (session.person.id === person.id) noteSignedIn(session);
  else location.reload();
}

/** Somebody may sign in elsewhere: in the window that single sign-on opens, or in any other. */
function useOtherWindows(person: Person): void {
  useEffect(
    () =>
      listenForSignIn(() => {
        const asked = call(sessionEndpoints.get, {}, { atSessionEnd: 'throw' });
        // Still nobody: the dialog stays.
        void asked.then((session) => goOn(session, person)).catch(() => undefined);
      }),
    [person],
  );
}
