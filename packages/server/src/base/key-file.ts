// The encryption key: from the settings, or a file in the data folder that only its owner can read.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeKey } from './secret.ts';
import { SettingError } from './setting-kind.ts';

const keyFileName = 'encryption.key';
const shortestKey = 16;

/** Makes the data folder, readable by its owner alone, and gives the key, which is made at the first start. */
export async function openKey(dataDir: string, given: string | null): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (given === null) return readKeyFile(join(dataDir, keyFileName));
  if (given.length < shortestKey)
    throw new SettingError(`FLOWHOOK_ENCRYPTION_KEY: must have at least ${shortestKey} characters.`);
  return given;
}

async function readKeyFile(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch(() => null);
  if (found !== null) return found.trim();
  // Written whole under another name and linked: two processes that start at once get the same key.
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${makeKey()}\n`, { mode: 0o600, flag: 'wx' });
  await link(temporary, path).catch(() => undefined);
  await rm(temporary, { force: true });
  return (await readFile(path, 'utf8')).trim();
}
