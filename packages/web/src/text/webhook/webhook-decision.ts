// What a webhook task decided, in its dialog.
export const decisionText = {
  open: 'What it decided',
  title: (name: string) => `What “${name}” decided`,
  which: 'Which decisions',
  all: 'All',
  list: 'Decisions, newest first',
  emptyTitle: 'No decision yet',
  emptyDetail:
    'Each time something happens in the flow that a task can wait for, each of its tasks decides, and the reason is kept here.',
  more: 'Show earlier ones',
} as const;
