// Settings that administrators change, as one object and as the original's list of keys and values.
import { z } from 'zod';
import { defineEndpoint } from '../endpoint.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const wait = z
  .number()
  .positive()
  .max(7 * DAY);

const members = {
  'webapp.webhookSettings.enabled': z.boolean().describe('Whether webhook tasks fire at all.'),
  'webapp.webhookSettings.forbiddenIPs': z
    .string()
    .max(20_000)
    .describe(
      'IPv4, IPv6 and CIDR, `;`-separated: closed beside everything that is not public; `!10.1.0.0/16` takes a range out of what is closed.',
    ),
  'webapp.webhookSettings.allowedUrlRegexes': z
    .array(z.string().min(1).max(2000))
    .max(200)
    .describe('They open what the forbidden addresses would close.'),
  'webapp.webhookSettings.onlyAllowedUrls': z
    .boolean()
    .describe('Whether only URLs that an allowed expression opens are called.'),
  'webapp.webhookSettings.retrySchedule': z
    .array(wait)
    .min(1)
    .max(20)
    .describe('How long to wait before each further attempt, in seconds.'),
  'webapp.webhookSettings.maximumAge': z
    .int()
    .min(60)
    .max(30 * DAY)
    .describe('How long a delivery is attempted, in seconds. After that it has expired.'),
  'webapp.webhookSettings.timeLimit': z
    .int()
    .min(1)
    .max(300)
    .describe('How long one attempt may take, in seconds.'),
  'webapp.webhookSettings.tasksPerFlow': z
    .int()
    .min(1)
    .max(1000)
    .describe('Webhook tasks that a flow may have.'),
  'webapp.webhookSettings.testsPerMinute': z
    .int()
    .min(1)
    .max(10_000)
    .describe('Tests of webhook tasks that one person may send in a minute.'),
  'webapp.webhookSettings.selfCalls': z
    .boolean()
    .describe("Whether a webhook may call this server's own API."),
  'webapp.signIn.passwords': z
    .enum(['all', 'administrators'])
    .describe(
      'Who may sign in by email and password, Basic included; administrators always keep this way in.',
    ),
  'webapp.signIn.newPeople': z
    .enum(['refused', 'viewer', 'author'])
    .describe('The role of whoever comes by single sign-on and has no account yet.'),
  'webapp.signIn.emailDomains': z
    .array(
      z
        .string()
        .regex(/^[a-z0-9.-]+\.[a-z0-9-]+$/iu, 'must be a domain, as example.com')
        .max(253),
    )
    .max(200)
    .describe('Domains of the email addresses that may come by single sign-on; empty: every domain.'),
  'webapp.retentionDays': z
    .int()
    .min(1)
    .max(3650)
    .describe('Days that events, deliveries and attempts are kept.'),
  'webapp.jobRetentionDays': z
    .int()
    .min(1)
    .max(3650)
    .describe(
      'Days that jobs and flow runs are kept, with the folders that they wrote to; results in their places stay.',
    ),
  'webapp.auditRetentionDays': z.int().min(1).max(3650).describe('Days that the audit log is kept.'),
};

export const workspaceSettings = z.object(members).meta({ id: 'WorkspaceSettings' });
export const workspaceSettingsChange = z.object(members).partial();
export type WorkspaceSettingKey = keyof typeof members;

const entry = z.object({
  key: z.string().min(1).max(200),
  value: z
    .union([
      z.string().max(20_000),
      z.number(),
      z.boolean(),
      z.array(z.union([z.string(), z.number()])).max(200),
      z.null(),
    ])
    .describe('The setting in JSON; lists may stand as JSON text.'),
});

export const workspaceConfiguration = z
  .object({ configuration: z.array(entry) })
  .meta({ id: 'WorkspaceConfiguration' });

/** Keys that are not known are ignored. */
export const workspaceConfigurationChange = z.object({ configuration: z.array(entry).max(200) });

export const keyRotation = z
  .object({
    keyId: z.string().describe('Names the key that seals from now on; it tells nothing about the key.'),
    resealed: z.int().describe('How many stored secrets were sealed anew.'),
  })
  .meta({ id: 'KeyRotation' });

const tag = 'Workspace';

export const workspaceEndpoints = {
  settings: defineEndpoint({
    method: 'GET',
    path: '/v4/workspace/settings',
    summary: 'Read the workspace settings',
    tag,
    access: 'administrator',
    reply: workspaceSettings,
  }),
  changeSettings: defineEndpoint({
    method: 'PATCH',
    path: '/v4/workspace/settings',
    summary: 'Change workspace settings',
    tag,
    access: 'administrator',
    body: workspaceSettingsChange,
    reply: workspaceSettings,
  }),
  configuration: defineEndpoint({
    method: 'GET',
    path: '/v4/workspaces/current/configuration',
    summary: 'Read the workspace settings as keys and values',
    tag,
    access: 'administrator',
    reply: workspaceConfiguration,
  }),
  changeConfiguration: defineEndpoint({
    method: 'PATCH',
    path: '/v4/workspaces/current/configuration',
    summary: 'Change workspace settings given as keys and values',
    tag,
    access: 'administrator',
    body: workspaceConfigurationChange,
    reply: workspaceConfiguration,
  }),
  rotateKey: defineEndpoint({
    method: 'POST',
    path: '/v4/workspace/encryptionKey/rotate',
    summary: 'Change the encryption key while the server runs, and seal every stored secret anew',
    tag,
    access: 'administrator',
    status: 200,
    reply: keyRotation,
  }),
};
