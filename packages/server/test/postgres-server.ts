// Databases of their own on the PostgreSQL server that the test run has started.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** The server's URL, with the rights to create databases; undefined where there is none. */
export function postgresUrl(): string | undefined {
  return process.env['FLOWHOOK_TEST_POSTGRES_URL'];
}

/** Makes an empty database. `drop` ends its sessions, too. */
export async function createPostgresDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = postgresUrl();
  if (server === undefined) throw new Error('FLOWHOOK_TEST_POSTGRES_URL is not set');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOn(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOn(server, `drop database ${name} with (force)`) };
}

async function runOn(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
