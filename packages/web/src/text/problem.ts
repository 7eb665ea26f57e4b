// What is said of problems that neither the server nor the client words.
export const problemText = {
  brokenTitle: 'Something is broken here',
  brokenDetail:
    'This page met a fault of its own. Load it again; if that does not help, tell your administrator.',
  atFields: 'What is wrong is said at the fields in red.',
  requestId: (id: string) => `Request ${id}`,
  retry: 'Try again',
  reload: 'Load the page again',
  deniedTitle: 'You may not see this',
  deniedDetail:
    'Your role or the rights in this flow do not reach that far. An administrator or the owner can open it.',
  missingTitle: 'There is nothing here',
  missingDetail: 'It was deleted, it never was, or you may not see it.',
  pageMissingTitle: 'This page does not exist',
  pageMissingDetail: 'The address leads nowhere.',
  toStart: 'Go to the start page',
} as const;
