// Pure: the workspace settings with their defaults, and what is wrong with a change of them. Their form and help stand in the contract.
import type { z } from 'zod';
import { describeIssues } from '@flowhook/contract/problem';
import { workspaceSettings as contract } from '@flowhook/contract/workspace/workspace';
import type { FieldError } from '../base/error.ts';

const hour = 3600;

export type WorkspaceSettings = Readonly<z.output<typeof contract>>;
export type SettingKey = keyof WorkspaceSettings;

/** What holds until an administrator changes it. A new setting is one line here and one in the contract. */
export const defaultSettings: WorkspaceSettings = {
  'webapp.webhookSettings.enabled': true,
  'webapp.webhookSettings.forbiddenIPs': '',
  'webapp.webhookSettings.allowedUrlRegexes': [],
  'webapp.webhookSettings.onlyAllowedUrls': false,
  'webapp.webhookSettings.retrySchedule': [5, 30, 120, 600, hour, 3 * hour, 10 * hour],
  'webapp.webhookSettings.maximumAge': 72 * hour,
  'webapp.webhookSettings.timeLimit': 30,
  'webapp.webhookSettings.tasksPerFlow': 50,
  'webapp.webhookSettings.testsPerMinute': 30,
  'webapp.webhookSettings.selfCalls': false,
  'webapp.signIn.passwords': 'all',
  'webapp.signIn.newPeople': 'refused',
  'webapp.signIn.emailDomains': [],
  'webapp.retentionDays': 90,
  'webapp.jobRetentionDays': 365,
  'webapp.auditRetentionDays': 730,
};

export const settingKeys = Object.keys(defaultSettings) as SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(defaultSettings, key);
}

/** What a room further left knows to be wrong with a value; null where nothing is. */
export type SettingCheck = (value: never) => string | null;
export type SettingChecks = ReadonlyMap<string, readonly SettingCheck[]>;

/** The values to store, or every key at fault. Keys that are not known are left out; null asks for the default. */
export function checkSettings(
  changes: Readonly<Record<string, unknown>>,
  checks: SettingChecks,
): { readonly values: [SettingKey, unknown][]; readonly errors: FieldError[] } {
  const errors: FieldError[] = [];
  const values: [SettingKey, unknown][] = [];
  for (const [key, given] of Object.entries(changes)) {
    if (!isSettingKey(key)) continue;
    const value = given === null ? defaultSettings[key] : given;
    const faults = findFaults(key, value, checks);
    if (faults.length === 0) values.push([key, value]);
    errors.push(...faults);
  }
  return { values, errors };
}

function findFaults(key: SettingKey, value: unknown, checks: SettingChecks): FieldError[] {
  const parsed = contract.shape[key].safeParse(value);
  if (!parsed.success)
    return describeIssues(parsed.error).map(({ field, detail }) => ({
      field: `${key}${toSuffix(field)}`,
      detail,
    }));
  const found = (checks.get(key) ?? []).map((check) => check(parsed.data as never));
  return found.filter((detail) => detail !== null).map((detail) => ({ field: key, detail }));
}

/** `[2]` stands behind the key as it is, a member behind a dot. */
function toSuffix(field: string): string {
  return field === '' || field.startsWith('[') ? field : `.${field}`;
}
