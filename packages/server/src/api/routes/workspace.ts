// Workspace settings, as one object and as the original's list of keys and values.
import { workspaceEndpoints as endpoints } from '@flowhook/contract/workspace';
import type { ReplyOf } from '@flowhook/contract/endpoint';
import { settingKeys, workspaceSettings, type SettingKey, type Workspace } from '../../workspace/setting.ts';
import { implement, type Route } from '../route.ts';

type Settings = ReplyOf<typeof endpoints.settings>;
type Configuration = ReplyOf<typeof endpoints.configuration>;

export function workspaceRoutes(workspace: Workspace): Route[] {
  return [
    implement(endpoints.settings, async () => workspace.settings() as Settings),
    implement(
      endpoints.changeSettings,
      async ({ body, caller }) => (await workspace.change(body, caller.personId)) as Settings,
    ),
    implement(endpoints.configuration, async () => showConfiguration(workspace)),
    implement(endpoints.changeConfiguration, async ({ body, caller }) => {
      const changes = Object.fromEntries(
        body.configuration.map(({ key, value }) => [key, readValue(key, value)]),
      );
      await workspace.change(changes, caller.personId);
      return showConfiguration(workspace);
    }),
  ];
}

function showConfiguration(workspace: Workspace): Configuration {
  const settings = workspace.settings();
  return {
    configuration: settingKeys.map((key) => ({
      key,
      value: settings[key] as Configuration['configuration'][number]['value'],
    })),
  };
}

/** Clients of the original send lists, numbers and switches as text. */
function readValue(key: string, value: unknown): unknown {
  const isKnown = Object.hasOwn(workspaceSettings, key);
  if (
    typeof value !== 'string' ||
    !isKnown ||
    typeof workspaceSettings[key as SettingKey].fallback === 'string'
  )
    return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
