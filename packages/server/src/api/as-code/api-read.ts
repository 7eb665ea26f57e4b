// Reads objects and whole lists of the public API, checked against the contract.
import type { z } from 'zod';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { Refused, type Answer, type Ask } from '../api-client.ts';

type Reads<Reply extends z.ZodType> = Endpoint<z.ZodType, z.ZodType, z.ZodType, Reply>;
type ReplyTo<E> = E extends Reads<infer Reply> ? z.output<Reply> : never;

/** One object. Throws `Refused` also where the answer is not what the contract promises: another version answers. */
export async function readOne<E extends Endpoint>(
  ask: Ask,
  endpoint: E,
  id: number,
  query: Readonly<Record<string, string>> = {},
): Promise<ReplyTo<E>> {
  return check(endpoint, await ask('GET', endpoint.path.replace(':id', String(id)), { query }));
}

/** All that match the query. */
export async function readEvery<E extends Endpoint>(
  ask: Ask,
  endpoint: E,
  query: Readonly<Record<string, string>>,
): Promise<ReplyTo<E> extends { data: infer List } ? List : never> {
  const answer = await ask('GET', endpoint.path, { query });
  return (check(endpoint, answer) as { data: unknown }).data as never;
}

function check<E extends Endpoint>(endpoint: E, answer: Answer): ReplyTo<E> {
  const read = endpoint.reply.safeParse(answer);
  if (read.success) return read.data as ReplyTo<E>;
  const [issue] = read.error.issues;
  const what = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new Refused(
    200,
    `The server answers ${endpoint.path} in another form (${what}): use its own version of this command.`,
  );
}
