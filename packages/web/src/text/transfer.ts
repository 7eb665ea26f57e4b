// Copying, exporting and importing flows.
import { pageText } from './page.ts';

const counted = (one: string, many: string) => (count: number) =>
  count === 1 ? `1 ${one}` : `${count} ${many}`;

const kindNames: Readonly<Record<string, string>> = {
  flows: 'Flows',
  recipes: 'Recipes',
  datasources: 'Datasets',
  outputobjects: 'Outputs',
  writesettings: 'Write settings',
  webhookflowtasks: 'Webhook tasks',
};

export const transferText = {
  copyTitle: (name: string) => `Copy “${name}”`,
  copyDetail: 'The copy is yours. Schedules, shares and the history of jobs stay with the original.',
  copyName: 'Name of the copy',
  copyNameOf: (name: string) => `${name} (copy)`,
  description: 'Description',
  copyDatasets: 'Datasets of my own over the same files',
  copyDatasetsHint: 'Otherwise the copy reads the datasets of the original, as their owners keep them.',
  copyTasks: 'Webhook tasks, too',
  copyTasksHint:
    'They come disabled and without their secrets: look at each, give its secrets and enable it.',
  copyTasksDenied: 'Only editors and the owner of the flow copy its webhook tasks.',
  copySubmit: 'Copy',
  copied: (name: string) => `“${name}” is made.`,

  exportTitle: (name: string) => `Export “${name}”`,
  exportDetail:
    'A package is a zip file with one JSON document in a stable order. It holds no secret and no file of a dataset.',
  holds: 'It holds:',
  leavesOut: 'It leaves out',
  download: 'Download the package',

  importTitle: pageText.importFlows,
  importDetail:
    'A package of this server, or of the original from version 6.8 on. It is looked at first; nothing is made before you say so.',
  dropTitle: 'Drop a package here',
  dropHere: 'Drop the package to look at it',
  choose: 'Choose a package',
  chooseAnother: 'Choose another package',
  sending: (name: string) => `Sending ${name}`,
  looking: (name: string) => `Looking at ${name}`,
  importing: (name: string) => `Importing ${name}`,
  refused: (name: string) => `${name} can’t be imported`,
  reviewTitle: (name: string) => `What ${name} brings`,
  begin: 'Import',
  doneTitle: 'Imported',
  openFlow: (name: string) => `Open “${name}”`,
  parts: {
    flows: counted('flow', 'flows'),
    recipes: counted('recipe', 'recipes'),
    datasources: counted('dataset', 'datasets'),
    outputobjects: counted('output', 'outputs'),
    webhookflowtasks: counted('webhook task', 'webhook tasks'),
  },
  kinds: kindNames,
  nothing: 'Nothing: the package holds no flow that can come in.',
  waiting: 'waits for its file',
  notRunnable: 'can’t be run until it has SQL',
  disabled: 'disabled',
  changes: (count: number) => (count === 1 ? '1 thing is changed' : `${count} things are changed`),
  changesDetail: 'What is written in the package does not fit this server as it stands.',
  dropped: (count: number) => (count === 1 ? '1 thing is left out' : `${count} things are left out`),
  droppedDetail: 'What this server does not know, or what can’t be kept.',
  droppedOne: (kind: string, name: string | null) =>
    name === null ? (kindNames[kind] ?? kind) : `${kindNames[kind] ?? kind}: ${name}`,
  more: (count: number) => `and ${count} more`,
  showAll: (count: number) => `Show all ${count}`,
  notes: 'To know',
  tasksTitle: 'Webhook tasks that came in disabled',
  tasksDetail: 'Each sends nothing until it is enabled. The editor of the task is the place for its secrets.',
  missing: 'Missing:',
  became: (from: string | null, to: string | null) => `${from ?? 'nothing'} → ${to ?? 'nothing'}`,
  giveSecrets: 'Give its secrets',
  giveSecretsOf: (name: string) => `Give its secrets: ${name}`,
  look: 'Look at it',
  lookAt: (name: string) => `Look at it: ${name}`,
  datasetsTitle: 'Datasets that wait for their file',
  datasetsDetail: 'Jobs that read one fail until it has a file.',
  giveFile: 'Give it a file',
  giveFileOf: (name: string) => `Give it a file: ${name}`,
  recipesTitle: 'Recipes without SQL',
  recipesDetail: 'Their steps in the language of the original stand in a note. Write them as SQL.',
  writeSql: 'Write its SQL',
  writeSqlOf: (name: string) => `Write its SQL: ${name}`,
} as const;
