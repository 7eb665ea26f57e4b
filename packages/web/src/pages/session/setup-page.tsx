// The one-time set-up: the first administrator, by the link that the server printed.
import { Anchor, Text } from '@mantine/core';
import { askSetup, setUp } from '../../api/entry-call.ts';
import { toAddress } from '../../api/place.ts';
import { noteSignedIn } from '../../api/session-store.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { sessionText } from '../../text/session.ts';
import { EntryForm } from './entry-form.tsx';
import { EntryFrame } from './entry-frame.tsx';
import { useAsked } from './use-asked.ts';

export default function SetupPage() {
  const token = new URLSearchParams(location.search).get('token');
  const setup = useAsked(askSetup);
  return (
    <EntryFrame title={sessionText.setupTitle}>
      <Answer of={setup} lines={4}>
        {({ needed }) => {
          if (!needed) return <SetUpAlready />;
          if (token === null) return <Text>{sessionText.setupNoToken}</Text>;
          return <SetupForm token={token} />;
        }}
      </Answer>
    </EntryFrame>
  );
}

function SetUpAlready() {
  return (
    <>
      <Text>{sessionText.setupDone}</Text>
      <Anchor href={toAddress('/sign-in')}>{sessionText.signIn}</Anchor>
    </>
  );
}

const fields = [
  { name: 'email', label: sessionText.email, type: 'email', autoComplete: 'username' },
  { name: 'name', label: sessionText.name, type: 'text', autoComplete: 'name' },
  {
    name: 'password',
    label: sessionText.password,
    type: 'password',
    autoComplete: 'new-password',
    description: sessionText.newPasswordHint,
  },
  { name: 'repeated', label: sessionText.repeatPassword, type: 'password', autoComplete: 'new-password' },
] as const;

function SetupForm({ token }: { readonly token: string }) {
  return (
    <>
      <Text size="sm" c="dimmed">
        {sessionText.setupDetail}
      </Text>
      <EntryForm
        fields={fields}
        submitLabel={sessionText.create}
        check={({ password, repeated }) =>
          password === repeated ? [] : [{ field: 'repeated', detail: sessionText.repeatDiffers }]
        }
        submit={async ({ email, name, password }) =>
          noteSignedIn(await setUp({ token, email, name, password }))
        }
      />
    </>
  );
}
