// Who calls, and the usual answers to each of them: the patterns that the role table is made of.

/**
 * Everybody who calls, in the order of the patterns' cells: nobody; viewers and authors of the workspace without a role
 * on the flow, as its viewer, editor and owner; an administrator; the owner by a read-only token, by a token bound to
 * the flow, and by a token bound to another flow.
 */
export const callerNames = [
  'anonymous',
  'viewer',
  'viewer, flow viewer',
  'viewer, flow editor',
  'viewer, flow owner',
  'author',
  'author, flow viewer',
  'author, flow editor',
  'author, flow owner',
  'administrator',
  'read-only token',
  'token bound to the flow',
  'token bound to another flow',
] as const;

/** `ok`: the endpoint's own status. `sees`, `blind`: the same with a list or count that has, or lacks, the world's objects. */
export type Cell = 'ok' | 'sees' | 'blind' | number;

const pattern = (text: string): Cell[] =>
  text.split(/[\s|]+/u).map((cell) => (/^\d+$/u.test(cell) ? Number(cell) : (cell as Cell)));

/** anonymous | viewer: none, viewer, editor, owner | author: the same | administrator | tokens: read-only, bound, bound elsewhere */
export const patterns = {
  /** Needs no sign-in. */
  open: pattern('ok | ok ok ok ok | ok ok ok ok | ok | ok ok ok'),
  /** Anybody who is signed in. */
  anybody: pattern('401 | ok ok ok ok | ok ok ok ok | ok | ok ok ok'),
  /** The same, but it changes something: not by a read-only token. */
  anybodyChanges: pattern('401 | ok ok ok ok | ok ok ok ok | ok | 403 ok ok'),
  /** The same for what lies outside of flows: not by a bound token. */
  ownThings: pattern('401 | ok ok ok ok | ok ok ok ok | ok | 403 403 403'),
  /** Authors read what changes nothing. */
  authorReads: pattern('401 | 403 403 403 403 | ok ok ok ok | ok | ok ok ok'),
  /** Authors make new things outside of any flow. */
  authorMakes: pattern('401 | 403 403 403 403 | ok ok ok ok | ok | 403 403 403'),
  /** Authors do what touches no flow. */
  authorDoes: pattern('401 | 403 403 403 403 | ok ok ok ok | ok | 403 ok ok'),
  /** Authors try out making new things. */
  authorTries: pattern('401 | 403 403 403 403 | ok ok ok ok | ok | ok 403 403'),
  /** Administrators alone. */
  administer: pattern('401 | 403 403 403 403 | 403 403 403 403 | ok | 403 403 403'),
  /** A list or count of what is in flows. */
  listFlow: pattern('401 | blind sees sees sees | blind sees sees sees | sees | sees sees blind'),
  /** Reads something of a flow. */
  readFlow: pattern('401 | 404 ok ok ok | 404 ok ok ok | ok | ok ok 404'),
  /** Tries out what it changes, and changes nothing. */
  tryFlow: pattern('401 | 403 403 403 403 | 404 403 ok ok | ok | ok ok 404'),
  /** Runs something of a flow: the flow's viewers do, where they are authors of the workspace. */
  runFlow: pattern('401 | 403 403 403 403 | 404 ok ok ok | ok | 403 ok 404'),
  /** Makes a new flow of one: the flow's viewers do, where they are authors of the workspace. */
  copyFlow: pattern('401 | 403 403 403 403 | 404 ok ok ok | ok | 403 403 404'),
  /** Changes something of a flow. */
  editFlow: pattern('401 | 403 403 403 403 | 404 403 ok ok | ok | 403 ok 404'),
  /** Deletes the flow. */
  ownFlow: pattern('401 | 403 403 403 403 | 404 403 403 ok | ok | 403 ok 404'),
  /** Shares the flow: no bound token passes its flow on. */
  shareFlow: pattern('401 | 403 403 403 403 | 404 403 403 ok | ok | 403 403 404'),
  /** Finds whom to share the flow with. */
  findPeople: pattern('401 | 403 403 403 403 | 404 403 403 ok | ok | ok 403 404'),
  /** Takes the flow from somebody else; the workspace's viewers leave flows by it, so it is open to them. */
  unshareFlow: pattern('401 | 404 403 403 ok | 404 403 403 ok | ok | 403 403 404'),
  /** Changes a dataset that a flow reads: whoever sees the flow reads it, its owner changes it. */
  ownDataset: pattern('401 | 403 403 403 403 | 404 403 403 ok | ok | 403 ok 404'),
  /** Reads, changes and ends what reaches from a dataset into other flows: the last two not by a token that is bound. */
  ownDatasetReads: pattern('401 | 403 403 403 403 | 404 403 403 ok | ok | ok 403 404'),
  ownDatasetEnds: pattern('401 | 403 403 403 403 | 404 403 403 ok | ok | 403 403 404'),
  /** Reads one of the owner's own access tokens; a token that is bound sees no other. */
  ownToken: pattern('401 | 404 404 404 404 | 404 404 404 ok | 404 | ok 404 404'),
  /** Removes one of the owner's own access tokens. */
  removeToken: pattern('401 | 404 404 404 404 | 404 404 404 ok | 404 | 403 403 403'),
} as const;
