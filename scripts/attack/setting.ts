// Settings of the workspace that an attack needs, put back after it.
import type { World } from './world.ts';

export async function withSetting<Result>(
  world: World,
  change: object,
  work: () => Promise<Result>,
): Promise<Result> {
  const { administrator } = world;
  const { text } = await administrator.send('GET', '/v4/workspace/settings');
  const before = JSON.parse(text) as Record<string, unknown>;
  const changed = await administrator.send('PATCH', '/v4/workspace/settings', { body: change });
  if (changed.status >= 400) throw new Error(`the setting was refused: ${changed.text}`);
  try {
    return await work();
  } finally {
    const restored = Object.fromEntries(Object.keys(change).map((name) => [name, before[name]]));
    await administrator.send('PATCH', '/v4/workspace/settings', { body: restored });
  }
}
