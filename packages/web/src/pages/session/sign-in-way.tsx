// The ways in beside the password: single sign-on, why it failed the last time, and who may use a password at all.
import { Alert, Button, Divider, Text } from '@mantine/core';
import type { SignInProblem } from '@flowhook/contract/person/sign-in';
import { addressOfSingleSignOn, type Ways } from '../../api/entry-call.ts';
import { IconAlertCircle, IconLogin2 } from '../../parts/icon.ts';
import { signInText } from '../../text/sign-in.ts';

/** What the server added to the address after a single sign-on that failed; nothing for any other text. */
export function SignInFailed({ problem }: { readonly problem: string | null }) {
  if (problem === null || !isKnown(problem)) return null;
  return (
    <Alert color="red" icon={<IconAlertCircle aria-hidden />} title={signInText.problemTitle} role="alert">
      {signInText.problems[problem]}
    </Alert>
  );
}

function isKnown(problem: string): problem is SignInProblem {
  return Object.hasOwn(signInText.problems, problem);
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
            href={addressOfSingleSignOn(next)}
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
