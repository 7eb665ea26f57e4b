// Sharing a flow: who has which role on it.
import { pageText } from './page.ts';

const roles = { owner: 'Owner', collaborator: 'Editor', readOnly: 'Viewer' } as const;

export const sharingText = {
  title: pageText.sharing,
  detail: 'Who sees this flow, and what they may do with it. Administrators act as owners of every flow.',
  list: 'People who see this flow',
  emptyTitle: 'Nobody',
  name: 'Name',
  email: 'Email',
  role: 'Role',
  roles,
  roleOf: (name: string) => `Role of ${name}`,
  changed: (name: string, role: keyof typeof roles) => `${name} is ${roles[role].toLowerCase()} now.`,
  since: 'Since',
  me: 'you',
  actions: 'Actions',
  actionsOf: (name: string) => `What can be done with ${name}`,
  lookingOn: 'Only the owner of the flow and administrators change who sees it.',
  workspaceViewer: 'With the role viewer in this workspace you can’t change who sees a flow, even your own.',
  meaningTitle: 'What the roles mean',
  meaning: {
    owner: 'Everything: also delete the flow, share it, and give it to another owner. A flow has one.',
    collaborator: 'Change everything in the flow, its webhook tasks too, and run it.',
    readOnly:
      'Read the flow, and as an author of this workspace run it. Of webhook tasks neither header values nor bodies are shown.',
  },
  meaningBound: 'Somebody whose role in the workspace is viewer reads only, whatever they are given here.',
  add: 'Add person',
  addTitle: 'Share with a person',
  addSubmit: 'Share',
  added: (name: string) => `${name} sees the flow now.`,
  who: 'Person',
  whoHint: 'Type a part of a name or email, or a whole email.',
  whoNone: 'Nobody found who does not see the flow already.',
  handOver: 'Make owner',
  handOverTitle: (name: string) => `Make ${name} the owner?`,
  handOverSubmit: 'Give them the flow',
  handOverMine: (name: string) =>
    `${name} then decides who sees the flow, and may delete it. You stay as an editor; only the new owner can give it back.`,
  handOverOther: (name: string, owner: string) =>
    `${name} then decides who sees the flow, and may delete it. ${owner} stays as an editor.`,
  handedOver: (name: string) => `${name} owns the flow now.`,
  remove: 'Remove',
  removeTitle: (name: string) => `Take the flow from ${name}?`,
  removeDetail: (name: string) =>
    `${name} no longer sees the flow and its jobs. What they made in it stays, and jobs that they started go on.`,
  removed: (name: string) => `${name} no longer sees the flow.`,
  leave: 'Leave',
  leaveTitle: 'Leave this flow?',
  leaveDetail: 'You no longer see the flow and its jobs. Only its owner can let you in again.',
  left: 'You have left the flow.',
} as const;
