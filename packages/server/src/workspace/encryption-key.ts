// The key that secrets are sealed with: from the settings or a file in the data folder, and proven to be the right one.
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecretBox, makeKey, type SecretBox } from '../base/secret.ts';
import { StartError } from '../base/start-error.ts';
import type { Database } from '../db/database.ts';
import { storeOnce } from './stored-value.ts';

export const keyFileName = 'encryption.key';
const leastLength = 16;
const checkText = 'the right key';
const checkContext = 'key check';

/** The given key, or that of the file, which is made (mode 0600) if it is missing. */
export async function readEncryptionKey(given: string | null, folder: string): Promise<string> {
  const key = given ?? (await readKeyFile(join(folder, keyFileName)));
  if (key.length >= leastLength) return key;
  const place = given === null ? join(folder, keyFileName) : 'FLOWHOOK_ENCRYPTION_KEY';
  throw new StartError(`${place}: the key must have at least ${leastLength} characters.`);
}

async function readKeyFile(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new StartError(`${path} can't be read: ${error.message}`, error);
  });
  return (found ?? (await makeKeyFile(path))).trim();
}

/** Written whole under another name and linked: two processes that start at once get the same key. */
async function makeKeyFile(path: string): Promise<string> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${makeKey()}\n`, { mode: 0o600, flag: 'wx' });
  await link(temporary, path).catch(() => undefined);
  await rm(temporary, { force: true });
  return readFile(path, 'utf8');
}

/** Opens the box, and throws where the database's secrets were sealed with another key. */
export async function openSecretBox(db: Database, key: string): Promise<SecretBox> {
  const box = createSecretBox(key);
  const sealed = await storeOnce(db, 'keyCheck', box.seal(checkText, checkContext));
  if (opens(box, String(sealed))) return box;
  throw new StartError(
    'The encryption key is not the one that this database’s secrets are sealed with. ' +
      `Give the earlier one: FLOWHOOK_ENCRYPTION_KEY, or the file ${keyFileName} in the data folder.`,
  );
}

function opens(box: SecretBox, sealed: string): boolean {
  try {
    return box.open(sealed, checkContext) === checkText;
  } catch {
    return false;
  }
}
