// What each way leaves out or changes on purpose, and why. An entry that nothing needs fails the test, too.
import type { Flat } from './flat.ts';
import { things, type ThingName } from './thing.ts';

export type Way =
  // Fields that no form gives, fields that have no default to differ from, members of an answer that nobody gives.
  | 'form'
  | 'bare'
  | 'shown'
  // Made, or changed to it, through the API.
  | 'create'
  | 'change'
  // Typed into a form of the web interface; saved in it without a change.
  | 'editor'
  | 'save'
  // Whole flows.
  | 'code'
  | 'document'
  | 'package'
  | 'copy';

export interface LeftOut {
  readonly ways: readonly Way[];
  readonly things: readonly ThingName[];
  readonly field: string;
  readonly reason: string;
  /** What stands there afterwards, for this value of before; anything where it is not said. */
  readonly becomes?: (value: unknown, before: Flat) => unknown;
  /** What is shown elsewhere instead. */
  readonly shows?: (value: unknown, path: string) => Flat;
}

const nothing = () => undefined;
const all = Object.keys(things) as ThingName[];
const entry = (
  ways: readonly Way[],
  things: readonly ThingName[],
  field: string,
  reason: string,
  more: Pick<LeftOut, 'becomes' | 'shows'> = {},
): LeftOut => ({ ways, things, field, reason, ...more });

const otherForm = 'Another form of the reference that is given.';
const place = 'Where the thing is: there is no default.';
const stamp = 'Who made it when: each has its own.';
const writeOnly = 'A secret is write-only: that there is one is shown, never its value.';
const hostOf = (url: unknown) => /^https:\/\/([^/]*)/u.exec(String(url))?.[1] ?? '';
const maskUrl = (url: unknown) => `https://${hostOf(url)}/****`;
const inFile = 'The file says as much by itself: that it was given is shown in `given`.';
const asGiven = 'It is shown a second time as what was given.';
const neverLeaves = 'A secret never leaves the server, and goes into no other flow.';
const offAtFirst = 'A schedule comes in switched off, so that nothing runs unawares.';
const noField = 'The form has no field for it: what is there stays.';
const usualUnsaid = 'A box that is not ticked says nothing: it is as usual.';
const unlessFalse = (value: unknown) => (value === false ? undefined : value);
const ownDialog = 'It is changed in a dialog of its own.';
/** The secrets of a task as they are shown, in the order in which a task without them names them. */
function listSecrets(task: Flat): string[] {
  const headers = Object.keys(task).filter((path) => path.startsWith('headers.') && task[path] === null);
  const waiting = task['missingSecrets'] as readonly string[];
  return [
    ...(task['urlSecret'] === true ? ['url'] : []),
    ...headers,
    ...(task['secretKeySet'] === true || waiting.includes('secretKey') ? ['secretKey'] : []),
    ...(task['secretNames'] as readonly string[]).map((name) => `secrets.${name}`),
  ];
}
const byServer = 'The server says it of the thing.';

export const leftOut: readonly LeftOut[] = [
  entry(['form'], ['recipe', 'task'], 'flowId', otherForm),
  entry(['form'], ['output'], 'flowNodeId', otherForm),
  entry(['form'], ['output'], 'writesettings', 'Another spelling of writeSettings.'),
  entry(['form'], ['write setting'], 'outputObjectId', otherForm),
  entry(['bare'], ['recipe', 'task'], 'flow', place),
  entry(['bare'], ['output'], 'flowNode', place),
  entry(['bare'], ['write setting'], 'outputObject', place),
  entry(['bare'], ['schedule'], 'tasks.runFlow.flowId', place),

  entry(['form'], ['recipe'], 'note', 'A change can only take the note away.'),
  entry(['bare'], ['dataset'], 'format', inFile),
  entry(['bare'], ['dataset'], 'compression', inFile),
  entry(['bare'], ['dataset'], 'options', inFile),
  entry(['bare'], ['task'], 'secretKey', writeOnly),
  entry(['bare'], ['task'], 'secrets', writeOnly),
  entry(
    ['form'],
    ['task'],
    'secretKeyOverlapSeconds',
    'Says what becomes of the key before, not what the task is.',
  ),

  entry(['form'], ['dataset'], 'format', 'A file has one format: the choices are those of its reader.'),
  entry(['form'], ['dataset'], 'compression', 'A file has one compression, too.'),
  entry(['form'], ['schedule'], 'missed', 'The other choice is what a bare one has.'),
  entry(['form'], ['schedule'], 'overlap', 'The other choice is what a bare one has.'),

  entry(['shown'], ['dataset'], 'origin', 'One that is made of an address; an upload is another.'),
  entry(['shown'], ['dataset'], 'format', inFile),
  entry(['shown'], ['dataset'], 'compression', inFile),
  entry(['shown'], ['dataset'], 'size', byServer),
  entry(['shown'], ['dataset'], 'fileVersion', byServer),
  entry(['shown'], ['recipe'], 'dialect', byServer),
  entry(['shown'], ['recipe'], 'runnable', 'Only one that came in a package without SQL is not.'),
  entry(['shown'], ['recipe'], 'recipe', 'It is the recipe itself.'),
  entry(['shown'], ['recipe'], 'wrangled', 'It is the word for a recipe.'),
  entry(['shown'], ['flow'], 'callerRole', 'It is said of the caller.'),
  entry(['shown'], ['flow'], 'lastJobGroup', 'Only where it is embedded.'),
  entry(['shown'], ['parameter', 'recipe', 'output', 'schedule', 'task'], 'flow', place),
  entry(['shown'], ['output'], 'flowNode', place),
  entry(['shown'], ['output'], 'flowNodeId', place),
  entry(['shown'], ['output'], 'engine', byServer),
  entry(['shown'], ['write setting'], 'outputObject', place),
  entry(['shown'], ['schedule'], 'disableReason', byServer),
  entry(['shown'], ['schedule'], 'waitingSince', byServer),
  entry(['shown'], ['schedule'], 'lastOccurrence', byServer),
  entry(['shown'], ['parameter', 'dataset', 'recipe'], 'warnings', 'Of a change, not of the thing.'),
  entry(['shown'], ['recipe'], 'note', 'It comes in a package alone, as the steps of another language.'),
  entry(['shown'], ['task'], 'earlierSecretKeyUntil', 'It stands while two keys sign.'),

  entry(['shown'], all, 'id', stamp),
  entry(['shown'], all, 'createdAt', stamp),
  entry(['shown'], all, 'updatedAt', stamp),
  entry(['shown'], all, 'creator', stamp),
  entry(['shown'], all, 'updater', stamp),

  entry(['create'], ['dataset'], 'format', asGiven, { shows: (value) => ({ 'given.format': value }) }),
  entry(['create'], ['dataset'], 'compression', asGiven, {
    shows: (value) => ({ 'given.compression': value }),
  }),
  entry(['create'], ['dataset'], 'options', asGiven, {
    shows: (value, path) => ({ [`given.${path}`]: value }),
  }),
  entry(
    ['change'],
    ['task'],
    'disabledReason',
    'Who switches a task off is told apart from who makes one that is off.',
    {
      becomes: () => 'Switched off by hand.',
    },
  ),
  entry(['editor'], ['dataset'], 'name', ownDialog),
  entry(['editor'], ['dataset'], 'description', noField),
  entry(['editor'], ['dataset'], 'given.format', noField),
  entry(['editor'], ['dataset'], 'given.compression', noField),
  entry(['editor'], ['dataset'], 'given.options.rowNames', noField),
  entry(['editor'], ['dataset'], 'given.options.trailingDelimiter', noField),
  entry(['editor'], ['dataset'], 'given.options.lineEnds', noField),
  entry(['editor'], ['dataset'], 'options.rowNames', noField),
  entry(['editor'], ['dataset'], 'options.trailingDelimiter', noField),
  entry(['editor'], ['dataset'], 'options.lineEnds', noField),
  entry(['editor'], ['dataset'], 'given.options.columnKeys', noField),
  entry(['editor'], ['dataset'], 'given.options.wholeValues', noField),
  entry(['editor'], ['dataset'], 'options.columnKeys', noField),
  entry(['editor'], ['dataset'], 'options.wholeValues', noField),
  entry(['editor'], ['dataset'], 'given.options.allowEmpty', usualUnsaid, { becomes: unlessFalse }),
  entry(['editor'], ['dataset'], 'options.allowEmpty', usualUnsaid, { becomes: unlessFalse }),
  entry(['editor'], ['output'], 'execution', noField),
  entry(['editor'], ['schedule'], 'tasks.runFlow.runParameters', noField),
  entry(['editor'], ['schedule'], 'enabled', 'A button of its own enables and disables.'),
  entry(['editor'], ['schedule'], 'nextAt', 'It follows from whether it is enabled.'),
  entry(['editor'], ['task'], 'missingSecrets', 'The form asks for the secrets themselves.'),
  entry(['editor', 'save'], ['task'], 'disabledReason', 'It says who switched the task off.'),

  entry(['package', 'copy'], ['schedule'], 'enabled', offAtFirst, { becomes: () => false }),
  entry(['package', 'copy'], ['schedule'], 'nextAt', offAtFirst, { becomes: () => null }),
  entry(['package', 'copy'], ['schedule'], 'disableReason', offAtFirst, {
    becomes: () => 'It came with its flow: look at it and enable it.',
  }),
  entry(['package'], ['task'], 'enabled', 'It waits for its secrets, or for a look at what it runs.', {
    becomes: () => false,
  }),
  entry(['copy'], ['task'], 'enabled', 'Nobody is called twice unawares.', { becomes: () => false }),
  entry(['package', 'copy'], ['task'], 'disabledReason', 'It says why it is off.'),
  entry(['package', 'copy'], ['task'], 'secretKeySet', neverLeaves, { becomes: () => false }),
  entry(['package', 'copy'], ['task'], 'missingSecrets', 'It names the secrets that stayed behind.', {
    becomes: (_, before) => listSecrets(before),
  }),
  entry(['package', 'copy'], ['task'], 'url', neverLeaves, {
    becomes: (url) => `https://${hostOf(url)}.withheld.invalid/****`,
  }),
  entry(['create'], ['task'], 'url', writeOnly, { becomes: maskUrl }),
  entry(['create'], ['task'], 'headers.Authorization', writeOnly, { becomes: () => null }),
  entry(['create'], ['task'], 'headers.X-Plant', writeOnly, { becomes: () => null }),
  entry(['create'], ['task'], 'secretKey', writeOnly, {
    becomes: nothing,
    shows: () => ({ secretKeySet: true }),
  }),
  entry(['create'], ['task'], 'secrets', writeOnly, {
    becomes: nothing,
    shows: (_, path) => ({ secretNames: [path.replace('secrets.', '')] }),
  }),
];
