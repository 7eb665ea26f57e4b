// Beginnings of webhook tasks for well-known receivers: plain data, filled into the form that makes a task.
import type { webhookMethods } from './task-field.ts';
import type { triggerEvents } from './trigger.ts';

export interface WebhookPreset {
  readonly id: string;
  readonly name: string;
  /** What the receiver's URL looks like, for the help of the field. */
  readonly urlExample: string;
  /** The URL itself where it is the same for everybody; `{baseUrl}` stands for this server's address. */
  readonly url: string | null;
  readonly urlSecret: boolean;
  readonly method: (typeof webhookMethods)[number];
  readonly triggerEvent: (typeof triggerEvents)[number];
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose values have to be typed in and are never shown again. */
  readonly secretHeaders: readonly string[];
  readonly body: string;
  /** Names of `$secret.name` in the body, each with what it is. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What there is to do beside saving. */
  readonly help: string;
}

const json = { 'Content-Type': 'application/json' };
const write = (value: unknown) => JSON.stringify(value, null, 2);

export const webhookPresets: readonly WebhookPreset[] = [
  {
    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: `text`, at least.
    id: 'slack',
    name: 'Slack',
    urlExample: 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX',
    url: null,
    urlSecret: true,
    method: 'post',
    triggerEvent: 'onJobDone',
    headers: json,
    secretHeaders: [],
    body: write({ text: '$flowName: job $jobId has ended. Status: $jobStatus. <$jobUrl|Open the job>' }),
    secrets: {},
    help: 'Make an incoming webhook in Slack and paste its URL. The URL is a credential: it is stored as a secret.',
  },
  {
    // https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
    // The workflow "Post to a channel when a webhook request is received" takes adaptive cards as attachments.
    id: 'teams',
    name: 'Microsoft Teams (workflow)',
    urlExample: 'https://prod-00.westeurope.logic.azure.com/workflows/…/triggers/manual/paths/invoke?…',
    url: null,
    urlSecret: true,
    method: 'post',
    triggerEvent: 'onJobDone',
    headers: json,
    secretHeaders: [],
    body: write({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $$schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              { type: 'TextBlock', text: '$flowName: $jobStatus', weight: 'Bolder', wrap: true },
              {
                type: 'FactSet',
                facts: [
                  { title: 'Job', value: '$jobId' },
                  { title: 'Recipe', value: '$recipeName' },
                  { title: 'Rows', value: '$rows' },
                  { title: 'Error', value: '$error' },
                ],
              },
            ],
            actions: [{ type: 'Action.OpenUrl', title: 'Open the job', url: '$jobUrl' }],
          },
        },
      ],
    }),
    secrets: {},
    help: 'Make the workflow “Post to a channel when a webhook request is received” in Teams and paste its URL.',
  },
  {
    // https://discord.com/developers/docs/resources/webhook#execute-webhook: `content` or `embeds`.
    id: 'discord',
    name: 'Discord',
    urlExample: 'https://discord.com/api/webhooks/000000000000000000/XXXXXXXX',
    url: null,
    urlSecret: true,
    method: 'post',
    triggerEvent: 'onJobDone',
    headers: json,
    secretHeaders: [],
    body: write({
      content: '$flowName: job $jobId has ended. Status: $jobStatus.',
      embeds: [{ title: 'Job $jobId', url: '$jobUrl', description: '$error' }],
      allowed_mentions: { parse: [] },
    }),
    secrets: {},
    help: 'Make a webhook in the settings of a Discord channel and paste its URL.',
  },
  {
    // https://developer.pagerduty.com/docs/send-alert-event: routing_key, event_action, payload {summary, source, severity}.
    id: 'pagerduty',
    name: 'PagerDuty (Events API v2)',
    urlExample: 'https://events.pagerduty.com/v2/enqueue',
    url: 'https://events.pagerduty.com/v2/enqueue',
    urlSecret: false,
    method: 'post',
    triggerEvent: 'onJobFailure',
    headers: json,
    secretHeaders: [],
    body: write({
      routing_key: '$secret.routingKey',
      event_action: 'trigger',
      dedup_key: 'flowhook-job-$jobId',
      payload: {
        summary: '$flowName: job $jobId has failed. $error',
        source: 'flowhook',
        severity: 'error',
        timestamp: '$finishedAt',
        component: '$recipeName',
        group: '$flowName',
        class: '$errorReason',
        custom_details: { jobId: '$jobId', startedAt: '$startedAt' },
      },
      links: [{ href: '$jobUrl', text: 'Open the job' }],
    }),
    secrets: { routingKey: 'The integration key of the service in PagerDuty.' },
    help: 'Add the integration “Events API v2” to a service in PagerDuty and paste its key as the secret routingKey.',
  },
  {
    id: 'json',
    name: 'JSON with all facts',
    urlExample: 'https://example.com/hooks/flowhook',
    url: null,
    urlSecret: false,
    method: 'post',
    triggerEvent: 'onJobDone',
    headers: json,
    secretHeaders: [],
    body: `{
  "event": "$event",
  "job": {"id": $jobId, "name": "$jobName", "status": "$jobStatus", "url": "$jobUrl"},
  "flow": {"id": $flowId, "name": "$flowName"},
  "recipe": {"id": $recipeId, "name": "$recipeName"},
  "startedAt": "$startedAt",
  "finishedAt": "$finishedAt",
  "durationMs": $durationMs,
  "rows": $rows,
  "bytes": $bytes,
  "files": $files,
  "error": {"reason": "$errorReason", "message": "$error", "detail": $errorDetail},
  "facts": $facts
}`,
    secrets: {},
    help: 'Give a secret key, and the receiver can prove that a request is ours: see the code for seven languages.',
  },
  {
    // This server's own POST /v4/jobGroups; the delivery's id makes repeats start nothing.
    id: 'run-job',
    name: 'Call the API of this Flowhook to start a job',
    urlExample: 'https://flowhook.example.com/v4/jobGroups',
    url: '{baseUrl}/v4/jobGroups',
    urlSecret: false,
    method: 'post',
    triggerEvent: 'onJobSuccess',
    headers: { ...json, Authorization: 'Bearer ' },
    secretHeaders: ['Authorization'],
    body: write({ wrangledDataset: { id: 1 } }),
    secrets: {},
    help: 'Put the id of the recipe to run in the body, and an access token after Bearer. An administrator has to switch on calls of this server’s own API.',
  },
];
