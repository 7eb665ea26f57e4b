// The world of the attack suite: a server process with people of every right, a receiver and a folder of data.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { startServerProcess, type ServerProcess } from '../demo/server-process.ts';
import { makeCaller, type Caller } from './caller.ts';

export interface Person extends Caller {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

export interface World {
  readonly url: string;
  readonly server: ServerProcess;
  readonly nobody: Caller;
  readonly administrator: Caller;
  readonly author: Person;
  /** Another author, to whom nothing of the first one's belongs. */
  readonly other: Person;
  /** A collaborator of the first author's flow. */
  readonly editor: Person;
  /** May read and run the first author's flow, and is a viewer of the workspace. */
  readonly viewer: Person;
  /** Of the first author: a flow with a dataset, a recipe and an output that writes to `<flow>/totals.csv`. */
  readonly flow: { readonly id: number; readonly recipeId: number; readonly datasetId: number };
  readonly receiver: Receiver;
  /** A folder that datasets may be read from, in which the attacker writes. */
  readonly dropFolder: string;
  /** The server's encryption key, as text: nothing that it answers may hold it. */
  readonly encryptionKey: string;
  stop(): Promise<void>;
}

export interface Receiver {
  readonly origin: string;
  /** What was asked for so far: the path, and the body. */
  readonly received: readonly { readonly path: string; readonly body: string }[];
  /** Decides the body of each answer; the default is empty. */
  answerWith(make: (request: IncomingMessage, body: string) => string): void;
  stop(): Promise<void>;
}

const password = 'a password of the attack suite';

export async function makeWorld(signal: AbortSignal, databaseUrl: string | undefined): Promise<World> {
  const receiver = await startReceiver();
  const dropFolder = await mkdtemp(join(tmpdir(), 'flowhook-drop-'));
  const server = await startServerProcess(
    {
      FLOWHOOK_ADMIN_EMAIL: 'admin@example.com',
      FLOWHOOK_ADMIN_PASSWORD: password,
      FLOWHOOK_ADMIN_TOKEN: 'the-token-of-the-attack-suite',
      FLOWHOOK_DATA_ROOTS: dropFolder,
      FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${receiver.origin.replaceAll('.', String.raw`\.`)}/`]),
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
    signal,
  );
  const administrator = makeCaller(server.url, { authorization: 'Bearer the-token-of-the-attack-suite' });
  const add = (name: string, role: 'author' | 'viewer') => addPerson(server.url, administrator, name, role);
  const [author, other, editor, viewer] = await Promise.all([
    add('author', 'author'),
    add('other', 'author'),
    add('editor', 'author'),
    add('viewer', 'viewer'),
  ]);
  return {
    url: server.url,
    server,
    nobody: makeCaller(server.url, {}),
    administrator,
    author,
    other,
    editor,
    viewer,
    flow: await makeFlow(author, { editor, viewer }),
    receiver,
    dropFolder,
    encryptionKey: readFileSync(join(server.dataDir, 'encryption.key'), 'utf8').trim(),
    async stop() {
      await server.stop();
      await receiver.stop();
      await rm(dropFolder, { recursive: true, force: true });
    },
  };
}

async function addPerson(
  url: string,
  administrator: Caller,
  name: string,
  role: 'author' | 'viewer',
): Promise<Person> {
  const email = `${name}@example.com`;
  const { id } = await administrator.make<{ id: number }>('/v4/people', { email, name, role, password });
  const basic = Buffer.from(`${email}:${password}`).toString('base64');
  const { tokenValue: token } = await makeCaller(url, { authorization: `Basic ${basic}` }).make<{
    tokenValue: string;
  }>('/v4/apiAccessTokens', { description: 'attack suite' });
  return { id, email, password, token, ...makeCaller(url, { authorization: `Bearer ${token}` }) };
}

async function makeFlow(author: Caller, { editor, viewer }: { editor: Person; viewer: Person }) {
  const { id } = await author.make<{ id: number }>('/v4/flows', { name: 'Attacked' });
  const dataset = await author.upload('sales', 'day,amount\n2026-01-01,10\n2026-01-02,20\n');
  const recipe = await author.make<{ id: number }>('/v4/wrangledDatasets', {
    name: 'totals',
    flow: { id },
    importedDataset: { id: dataset },
    sql: 'select sum(amount) as total from sales',
  });
  await author.make('/v4/outputObjects', {
    flowNodeId: recipe.id,
    profiler: false,
    writeSettings: [{ path: 'attacked/totals.csv', action: 'overwrite', format: 'csv' }],
  });
  await author.make(`/v4/flows/${id}/permissions`, {
    data: [
      { personId: editor.id, role: 'collaborator' },
      { personId: viewer.id, role: 'readOnly' },
    ],
  });
  return { id, recipeId: recipe.id, datasetId: dataset };
}

async function startReceiver(): Promise<Receiver> {
  const received: { path: string; body: string }[] = [];
  let answer: (request: IncomingMessage, body: string) => string = () => '';
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      const body = bytes.toString('utf8');
      received.push({ path: request.url ?? '', body });
      response.writeHead(200).end(answer(request, body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith: (make) => (answer = make),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Puts a file into the folder that the attacker may write in; gives its file:// address. */
export async function dropFile({ dropFolder }: World, name: string, text: string): Promise<string> {
  await writeFile(join(dropFolder, name), text);
  return `file://${dropFolder}/${name}`;
}
