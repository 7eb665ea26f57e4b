// People: their accounts, roles and passwords, and what becomes of their things.
import { pageText } from './page.ts';

export const personText = {
  title: pageText.people,
  detail:
    'Who may sign in. Administrators see and do everything, authors make flows, viewers read what is shared with them.',
  list: 'People of this workspace',
  search: 'Search people',
  emptyTitle: 'Nobody here',
  emptyDetail: 'Make an account for each person who works with flows.',
  name: 'Name',
  email: 'Email',
  role: 'Role',
  madeAt: 'Made',
  me: 'you',
  lastAdministrator: 'the last administrator',
  lastAdministratorWhy: 'This is the last administrator: make somebody else an administrator first.',
  actions: 'Actions',
  actionsOf: (name: string) => `What can be done with ${name}`,
  create: 'New person',
  createTitle: 'New person',
  make: 'Make the account',
  made: (name: string) => `${name} has an account now.`,
  password: 'First password',
  passwordHint:
    'At least 8 characters. Without one the person signs in by single sign-on, or when you set it.',
  change: 'Change',
  changeTitle: (name: string) => `Change ${name}`,
  changed: 'The account is changed.',
  ownRole: 'With another role you can’t open the settings any more.',
  resetPassword: 'Reset the password',
  resetTitle: (name: string) => `Reset the password of ${name}?`,
  resetDetail: 'Their sessions end. Access tokens go on; tell the person the new password yourself.',
  newPassword: 'New password',
  newPasswordHint: 'At least 8 characters.',
  reset: 'Set the password',
  wasReset: (name: string) => `${name} signs in with the new password from now on.`,
  seeChanges: 'See what they changed',
  remove: 'Remove',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeDetail: 'The account ends at once and can’t be brought back. What it changed stays in the audit log.',
  removeSelf: 'This is your own account: you are signed out.',
  owns: 'They own these, and somebody else must get them:',
  ownsNothing: 'They own no flow and no dataset.',
  flow: (name: string, schedules: number) => {
    if (schedules === 0) return `Flow “${name}”`;
    return `Flow “${name}”, with ${schedules === 1 ? '1 schedule' : `${schedules} schedules`}`;
  },
  dataset: (name: string) => `Dataset “${name}”`,
  more: (count: number) => `and ${count} more`,
  transferTo: 'New owner',
  transferHint: 'An author or administrator.',
  transferNeeded: 'Choose who gets them.',
  choose: 'Choose a person',
  tokens: (names: string) => `access tokens: ${names}`,
  token: 'without a name',
  sessions: (count: number) => (count === 1 ? '1 session' : `${count} sessions`),
  shares: (names: string) => `their rights in flows of others: ${names}`,
  schedules: (count: number) =>
    count === 1
      ? 'The schedule goes on, with the rights of the new owner.'
      : 'The schedules go on, with the rights of the new owner.',
  jobs: (count: number) =>
    count === 1 ? '1 job that they launched goes on.' : `${count} jobs that they launched go on.`,
  removed: (name: string) => `${name} is removed.`,
} as const;
