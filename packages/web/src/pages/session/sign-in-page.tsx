// Sign in.
import { PasswordInput, Text, TextInput } from '@mantine/core';
import { sessionCreate, sessionEndpoints } from '@flowhook/contract/person/session';
import { signInEndpoints } from '@flowhook/contract/person/sign-in';
import { setupEndpoints } from '@flowhook/contract/person/setup';
import { call } from '../../api/call.ts';
import { useEndpoint } from '../../api/query.ts';
import { noteSignedIn, useSession } from '../../api/session-store.ts';
import { useSearchTexts } from '../../parts/page/address.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { Redirect } from '../../parts/page/redirect.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { sessionText } from '../../text/session.ts';
import { EntryFrame } from './entry-frame.tsx';
import { readNext } from './next-address.ts';
import { SignInFailed, SignInWays } from './sign-in-way.tsx';

export default function SignInPage() {
  const { status } = useSession();
  const { next, problem } = useSearchTexts();
  const setup = useEndpoint(setupEndpoints.get, {});
  const ways = useEndpoint(signInEndpoints.ways, {});
  const form = useContractForm({
    schema: sessionCreate,
    initialValues: { email: '', password: '' },
    submit: async (body) => noteSignedIn(await call(sessionEndpoints.create, { body })),
  });
  if (status === 'in') return <Redirect {...readNext(next)} />;
  return (
    <EntryFrame title={sessionText.signInTitle}>
      {setup.data?.needed === true && <Text size="sm">{sessionText.setupHint}</Text>}
      <SignInFailed problem={problem} />
      {ways.data !== undefined && <SignInWays ways={ways.data} next={next} />}
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
          {...form.fields.getInputProps('password')}
        />
      </ContractForm>
    </EntryFrame>
  );
}
