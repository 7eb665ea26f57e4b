// Workspace settings, as one object and as the original's list of keys and values.
import { workspaceEndpoints as endpoints } from '@flowhook/contract/workspace/workspace';
import type { ReplyOf } from '@flowhook/contract/endpoint';
import { defaultSettings, isSettingKey, settingKeys } from '../../../workspace/setting-table.ts';
import type { KeyRotation } from '../../../workspace/key-rotation.ts';
import type { Workspace } from '../../../workspace/setting.ts';
import { implement, type Route } from '../../route.ts';

type Configuration = ReplyOf<typeof endpoints.configuration>;

export interface WorkspaceRoutes {
  readonly workspace: Workspace;
  readonly keyRotation: KeyRotation;
}

export function workspaceRoutes({ workspace, keyRotation }: WorkspaceRoutes): Route[] {
  return [
    implement(endpoints.rotateKey, ({ caller }) => keyRotation.rotate(caller.personId)),
    implement(endpoints.settings, async () => workspace.settings()),
    implement(endpoints.changeSettings, ({ body, caller }) => workspace.change(body, caller.personId)),
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
    configuration: settingKeys.map((key) => ({ key, value: settings[key] })),
  };
}

/** Clients of the original send lists, numbers and switches as text. */
function readValue(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !isSettingKey(key) || typeof defaultSettings[key] === 'string')
    return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
