// The keys that secrets are sealed with: from the settings or a file in the data folder, and proven to be the right ones.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecretBox, makeKey, type SecretBox } from '../base/secret.ts';
import { StartError } from '../base/start-error.ts';
import type { Database, Tx } from '../db/database.ts';
import { readStored, storeAnew, storeOnce } from './stored-value.ts';

export const keyFileName = 'encryption.key';
const leastLength = 16;
const checkText = 'the right key';
const checkContext = 'key check';

/** Where the ring of keys comes from, the sealing key first. */
export interface KeySource {
  readonly keys: readonly string[];
  /** The file that holds them; null where the settings give them. */
  readonly path: string | null;
}

/**
 * The given keys, or those of the file. Where that is missing it is made (mode 0600) for a new database; beside one whose
 * secrets another key has sealed, `StartError`: a new key would only hide that the right one is lost.
 */
export async function readEncryptionKeys(
  given: string | null,
  folder: string,
  isNew: boolean,
): Promise<KeySource> {
  const path = given === null ? join(folder, keyFileName) : null;
  const keys = splitKeys(path === null ? given! : await readKeyFile(path, isNew));
  if (keys.length > 0 && keys.every((key) => key.length >= leastLength)) return { keys, path };
  throw new StartError(
    `${path ?? 'FLOWHOOK_ENCRYPTION_KEY'}: a key must have at least ${leastLength} characters, and no semicolon.`,
  );
}

/** A line each in the file, separated by `;` in the settings. */
function splitKeys(text: string): string[] {
  return text
    .split(/[;\r\n]/u)
    .map((key) => key.trim())
    .filter((key) => key !== '');
}

async function readKeyFile(path: string, isNew: boolean): Promise<string> {
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new StartError(`${path} can't be read: ${error.message}`, error);
  });
  if (found === null && !isNew)
    throw new StartError(
      `The encryption key is missing: ${path}. This database’s secrets are sealed with it: put it back from its copy, or give it as FLOWHOOK_ENCRYPTION_KEY. ` +
        'Where it is lost for good, `flowhook admin forget-secrets` goes on without the secrets.',
    );
  return found ?? (await makeKeyFile(path));
}

/** Written whole under another name and linked: two processes that start at once get the same key. */
async function makeKeyFile(path: string): Promise<string> {
  const temporary = await writeBeside(path, [makeKey()]);
  await link(temporary, path).catch(() => undefined);
  await rm(temporary, { force: true });
  return readFile(path, 'utf8');
}

/** Puts other keys into the file, whole or not at all. */
export async function replaceKeyFile(path: string, keys: readonly string[]): Promise<void> {
  await rename(await writeBeside(path, keys), path);
}

async function writeBeside(path: string, keys: readonly string[]): Promise<string> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${keys.join('\n')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return temporary;
}

/** The keys in the file of now; none where the settings give them. */
export function rereadKeys({ path }: KeySource): string[] {
  return path === null ? [] : splitKeys(readFileSync(path, 'utf8'));
}

/** Whether a key has sealed something in this database. */
export async function isKeyKnown(db: Database): Promise<boolean> {
  return (await readStored(db.read, 'keyCheck')) !== undefined;
}

/** Opens the box, and throws where the database's secrets were sealed with another key. */
export async function openSecretBox(db: Database, source: KeySource): Promise<SecretBox> {
  const box = createSecretBox(source.keys, () => rereadKeys(source));
  const sealed = await storeOnce(db, 'keyCheck', sealCheck(box));
  if (opens(box, String(sealed))) return box;
  throw new StartError(
    'The encryption key is not the one that this database’s secrets are sealed with. ' +
      `Give the earlier one: FLOWHOOK_ENCRYPTION_KEY, or the file ${keyFileName} in the data folder. ` +
      'Where it is lost for good, `flowhook admin forget-secrets` goes on without the secrets.',
  );
}

/** A box of these keys, whether or not they have sealed what is there; `isRight` says so. */
export async function openAnyBox(
  db: Database,
  source: KeySource,
): Promise<{ readonly box: SecretBox; readonly isRight: boolean }> {
  const box = createSecretBox(source.keys, () => rereadKeys(source));
  const sealed = await readStored(db.read, 'keyCheck');
  return { box, isRight: typeof sealed !== 'string' || opens(box, sealed) };
}

/** From now on the sealing key of the box is the one that a start needs. */
export async function renewKeyCheck(tx: Tx, box: SecretBox): Promise<void> {
  await storeAnew(tx, 'keyCheck', sealCheck(box));
}

function sealCheck(box: SecretBox): string {
  return box.seal(checkText, checkContext);
}

function opens(box: SecretBox, sealed: string): boolean {
  try {
    return box.open(sealed, checkContext) === checkText;
  } catch {
    return false;
  }
}
