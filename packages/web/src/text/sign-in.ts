// The ways to sign in beside the password, and why one did not lead in.
import type { SignInProblem } from '@flowhook/contract/person/sign-in';

const problems: Readonly<Record<SignInProblem, string>> = {
  not_configured:
    'This server has no single sign-on. Sign in with email and password, or ask an administrator to set it up.',
  provider_unreachable:
    'Your company’s sign-in can’t be reached at the moment. Try again in a minute; an administrator finds the cause in the server’s log.',
  provider_refused:
    'The sign-in was refused or broken off there. Begin again, and agree to share who you are.',
  answer_invalid:
    'The answer of your company’s sign-in did not fit the question. Begin again; if it stays so, an administrator finds the cause in the server’s log.',
  expired: 'It took longer than ten minutes, or it began in another window. Begin again in this one.',
  email_missing:
    'Your company’s sign-in did not tell your email address. Ask its administrator to share the address with Flowhook.',
  email_not_verified:
    'Your company’s sign-in does not vouch for your email address. Confirm the address there, then sign in again.',
  other_subject:
    'Somebody else at your company’s sign-in has the account with your email address: the address seems to have changed hands. Ask an administrator to remove or rename that account.',
  administrator_by_address:
    'The account with your email address is an administrator’s, which nobody gets by an address alone. Sign in with its password.',
  domain_refused:
    'Addresses of your domain may not sign in here. Use another account, or ask an administrator to allow the domain.',
  no_account: 'You have no account here yet. Ask an administrator to make one with your email address.',
};

export const signInText = {
  singleSignOn: (name: string) => `Sign in with ${name}`,
  or: 'or with a password',
  inNewWindow: 'Opens in a second window. This page goes on by itself as soon as you are signed in there.',
  problemTitle: 'You are not signed in',
  problems,
  onlyAdministrators: (name: string | null) =>
    name === null
      ? 'Only administrators sign in here: the rules of the workspace allow nobody else a password.'
      : `Passwords are for administrators alone. Everybody else signs in with ${name}.`,
} as const;
