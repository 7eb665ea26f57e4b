// Email and password; on the sign-in page, and in the dialog of a session that has ended.
import { signIn, type Session } from '../../api/entry-call.ts';
import { sessionText } from '../../text/session.ts';
import { EntryForm } from './entry-form.tsx';

interface SignInFormProps {
  /** Who is expected; then only the password is asked for. */
  readonly email?: string;
  onSignedIn(session: Session): void;
}

export function SignInForm({ email, onSignedIn }: SignInFormProps) {
  return (
    <EntryForm
      fields={[
        {
          name: 'email',
          label: sessionText.email,
          type: 'email',
          autoComplete: 'username',
          ...(email !== undefined && { value: email }),
        },
        {
          name: 'password',
          label: sessionText.password,
          type: 'password',
          autoComplete: 'current-password',
          isFirst: email !== undefined,
        },
      ]}
      submitLabel={sessionText.signIn}
      submit={async (body) => onSignedIn(await signIn(body))}
    />
  );
}
