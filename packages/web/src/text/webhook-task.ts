// Webhook tasks: the panel of a flow, and the editor.
export const webhookTaskText = {
  panelTitle: 'Webhooks',
  create: 'Create webhook task',
  emptyTitle: 'No webhook tasks yet',
  emptyDetail: 'A task calls a URL when a job of this flow ends.',
} as const;
