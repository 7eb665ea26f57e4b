// Lies over the page when the session has ended: whoever signs in again goes on where they were.
import { Modal, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { signInEndpoints } from '@flowhook/contract/person/sign-in';
import { askSession, type Session } from '../api/entry-call.ts';
import { useEndpoint } from '../api/query.ts';
import { listenForSignIn } from '../api/session-call.ts';
import { noteSignedIn, type Person } from '../api/session-store.ts';
import { SignInForm } from '../pages/session/sign-in-form.tsx';
import { SignInWays } from '../pages/session/sign-in-way.tsx';
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
        {mayUsePassword && (
          <SignInForm email={person.email} onSignedIn={(session) => goOn(session, person)} />
        )}
      </Stack>
    </Modal>
  );
}

/** What is on the page is the first person's. */
function goOn(session: Session, person: Person): void {
  if (session.person.id === person.id) noteSignedIn(session);
  else location.reload();
}

/** Somebody may sign in elsewhere: in the window that single sign-on opens, or in any other. */
function useOtherWindows(person: Person): void {
  useEffect(
    () =>
      listenForSignIn(() => {
        // Still nobody: the dialog stays.
        void askSession()
          .then((session) => session !== null && goOn(session, person))
          .catch(() => undefined);
      }),
    [person],
  );
}
