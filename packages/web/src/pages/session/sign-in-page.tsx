// Sign in. Seen before the app is there: it asks and leads on without router and cache.
import { Text } from '@mantine/core';
import { askEntryFacts } from '../../api/entry-call.ts';
import { noteSignedIn } from '../../api/session-store.ts';
import { sessionText } from '../../text/session.ts';
import { EntryFrame } from './entry-frame.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SignInFailed, SignInWays } from './sign-in-way.tsx';
import { useAsked } from './use-asked.ts';

export default function SignInPage() {
  const search = new URLSearchParams(location.search);
  const { data: facts } = useAsked(askEntryFacts);
  return (
    <EntryFrame title={sessionText.signInTitle}>
      {facts?.setup?.needed === true && <Text size="sm">{sessionText.setupHint}</Text>}
      <SignInFailed problem={search.get('problem')} />
      {facts?.ways && <SignInWays ways={facts.ways} next={search.get('next') ?? undefined} />}
      <SignInForm onSignedIn={noteSignedIn} />
    </EntryFrame>
  );
}
