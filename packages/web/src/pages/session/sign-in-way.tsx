// The ways in beside the password: single sign-on, why it failed the last time, and who may use a password at all.
import { Alert, Button, Divider, Text } from '@mantine/core';
import type { z } from 'zod';
import { signInEndpoints, signInProblems, type signInWays } from '@flowhook/contract/sign-in';
import { addressOf } from '../../api/call.ts';
import { IconAlertCircle, IconLogin2 } from '../../parts/icon.ts';
import { signInText } from '../../text/sign-in.ts';

type Ways = z.output<typeof signInWays>;

/** What the server added to the address after a single sign-on that failed; nothing for any other text. */
export function SignInFailed({ problem }: { readonly problem: string | undefined }) {
  const known = signInProblems.find((each) => each === problem);
  if (known === undefined) return null;
  return (
    <Alert color="red" icon={<IconAlertCircle aria-hidden />} title={signInText.problemTitle} role="alert">
      {signInText.problems[known]}
    </Alert>
  );
}

/** `next` is the page to go to afterwards. A whole page load: the provider is another site. */
export function SignInWays({ ways, next }: { readonly ways: Ways; readonly next: string | undefined }) {
  const { passwords, singleSignOn } = ways;
  return (
    <>
      {singleSignOn !== null && (
        <>
          <Button
            component="a"
            href={addressOf(signInEndpoints.begin, { query: { returnTo: next } })}
            leftSection={<IconLogin2 size={18} aria-hidden />}
            fullWidth
          >
            {signInText.singleSignOn(singleSignOn.name)}
          </Button>
          <Divider label={signInText.or} />
        </>
      )}
      {passwords === 'administrators' && (
        <Text size="sm">{signInText.onlyAdministrators(singleSignOn?.name ?? null)}</Text>
      )}
    </>
  );
}
