// The access token of a command that is a client: given itself, or by a file.
import { readFileSync } from 'node:fs';
import type { ClientConfig } from '../base/client-config.ts';
import { StartError } from '../base/start-error.ts';

/** Throws `StartError` where there is none. */
export function readToken({ token, tokenFile }: Pick<ClientConfig, 'token' | 'tokenFile'>): string {
  if (token !== null) return token;
  if (tokenFile === null)
    throw new StartError('A token is needed: set FLOWHOOK_TOKEN, or --token-file to a file that holds it.');
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    throw new StartError(`--token-file: ${(error as Error).message}`);
  }
}
