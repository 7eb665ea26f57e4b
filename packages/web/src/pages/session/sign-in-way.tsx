// The ways in beside the password: single sign-on, why it failed the last time, and who may use a password at all.
import { Alert, Button, Divider, Text } from '@mantine/core';
import type { z } from 'zod';
import { signInEndpoints, signInProblems, type signInWays } from '@flowhook/contract/person/sign-in';
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

interface SignInWaysProps {
  readonly ways: Ways;
  /** The page to go to afterwards. */
  readonly next: string | undefined;
  /** True where the page that asks must stay as it is. */
  readonly inNewWindow?: boolean;
  /** False where there is no form for a password below. */
  readonly withPassword?: boolean;
}

/** A whole page load: the provider is another site. */
export function SignInWays({ ways, next, inNewWindow = false, withPassword = true }: SignInWaysProps) {
  const { passwords, singleSignOn } = ways;
  return (
    <>
      {singleSignOn !== null && (
        <>
          <Button
            component="a"
            href={addressOf(signInEndpoints.begin, { query: { returnTo: next } })}
            {...(inNewWindow && { target: '_blank', rel: 'noopener' })}
            leftSection={<IconLogin2 size={18} aria-hidden />}
            fullWidth
          >
            {signInText.singleSignOn(singleSignOn.name)}
          </Button>
          {inNewWindow && (
            <Text size="sm" c="dimmed">
              {signInText.inNewWindow}
            </Text>
          )}
          {withPassword && <Divider label={signInText.or} />}
        </>
      )}
      {passwords === 'administrators' && (
        <Text size="sm">{signInText.onlyAdministrators(singleSignOn?.name ?? null)}</Text>
      )}
    </>
  );
}
