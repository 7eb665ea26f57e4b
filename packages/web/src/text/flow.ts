// Flows: the list and what is done with one.
import { pageText } from './page.ts';

export const flowText = {
  title: pageText.flows,
  oneTitle: pageText.flow,
  list: 'Flows',
  search: 'Search flows',
  whose: 'Whose',
  whoseAll: 'All that I see',
  whoseOwned: 'My own',
  whoseShared: 'Shared with me',
  create: 'New flow',
  createTitle: 'New flow',
  make: 'Make the flow',
  name: 'Name',
  description: 'Description',
  owner: 'Owner',
  me: 'Me',
  lastJob: 'Last job',
  noJob: 'never run',
  jobOf: (id: number, state: string) => `Job ${id}: ${state}`,
  updated: 'Changed',
  actions: 'Actions',
  actionsOf: (name: string) => `What can be done with ${name}`,
  open: 'Open',
  rename: 'Rename',
  renameTitle: 'Rename the flow',
  remove: 'Delete',
  removeTitle: (name: string) => `Delete “${name}”?`,
  removeDetail: 'This can’t be undone.',
  removed: (name: string) => `“${name}” is deleted.`,
  emptyTitle: 'No flows yet',
  emptyDetail: 'A flow holds datasets, SQL recipes and outputs that belong together.',
  gone: {
    recipes: (count: number) => (count === 1 ? '1 recipe' : `${count} recipes`),
    outputs: (count: number) => (count === 1 ? '1 output' : `${count} outputs`),
    tasks: (count: number) => (count === 1 ? '1 webhook task' : `${count} webhook tasks`),
    jobs: (count: number) =>
      count === 1 ? '1 job that runs is cancelled' : `${count} jobs that run are cancelled`,
    deliveries: (count: number) =>
      count === 1 ? '1 waiting delivery is cancelled' : `${count} waiting deliveries are cancelled`,
  },
  stays: (datasets: number, jobs: number) =>
    `What stays: ${datasets} dataset${datasets === 1 ? '' : 's'} and the history of ${jobs} job${jobs === 1 ? '' : 's'}.`,
} as const;
