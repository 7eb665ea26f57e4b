// The one-time set-up: the first administrator, by the link that the server printed.
import { PasswordInput, Text, TextInput } from '@mantine/core';
import { setupCreate, setupEndpoints } from '@flowhook/contract/person/setup';
import { call } from '../../api/call.ts';
import { useEndpoint } from '../../api/query.ts';
import { noteSignedIn, useSession } from '../../api/session-store.ts';
import { useSearchTexts } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { Redirect } from '../../parts/page/redirect.tsx';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { sessionText } from '../../text/session.ts';
import { EntryFrame } from './entry-frame.tsx';

export default function SetupPage() {
  const { status } = useSession();
  const { token } = useSearchTexts();
  const setup = useEndpoint(setupEndpoints.get, {});
  if (status === 'in') return <Redirect to="/" />;
  return (
    <EntryFrame title={sessionText.setupTitle}>
      <Answer of={setup} lines={4}>
        {({ needed }) => {
          if (!needed) return <SetUpAlready />;
          if (token === undefined) return <Text>{sessionText.setupNoToken}</Text>;
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
      <PageLink to="/sign-in">{sessionText.signIn}</PageLink>
    </>
  );
}

function SetupForm({ token }: { readonly token: string }) {
  const form = useContractForm({
    schema: setupCreate,
    initialValues: { email: '', name: '', password: '', repeated: '' },
    toBody: ({ repeated: _, ...values }) => ({ ...values, token }),
    check: ({ password, repeated }) =>
      password === repeated ? [] : [{ field: 'repeated', detail: sessionText.repeatDiffers }],
    submit: async (body) => noteSignedIn(await call(setupEndpoints.create, { body })),
  });
  const { getInputProps } = form.fields;
  return (
    <>
      <Text size="sm" c="dimmed">
        {sessionText.setupDetail}
      </Text>
      <ContractForm form={form} submitLabel={sessionText.create}>
        <TextInput
          label={sessionText.email}
          type="email"
          autoComplete="username"
          {...getInputProps('email')}
        />
        <TextInput label={sessionText.name} autoComplete="name" {...getInputProps('name')} />
        <PasswordInput
          label={sessionText.password}
          description={sessionText.newPasswordHint}
          autoComplete="new-password"
          {...getInputProps('password')}
        />
        <PasswordInput
          label={sessionText.repeatPassword}
          autoComplete="new-password"
          {...getInputProps('repeated')}
        />
      </ContractForm>
    </>
  );
}
